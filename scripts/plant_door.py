"""A door into the plant's own network: listens on 127.0.0.1 here and connects there. Usage: plant_door.py PLANT_PID PORT
THERE; prints the port that it got (PORT 0 takes a free one). Ends with SIGTERM."""
import ctypes, os, socket, sys, threading

plant, port, there = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
listener = socket.create_server(("127.0.0.1", port))
# the listening socket stays in this network; what is opened from now on is in the plant's
namespace = os.open(f"/proc/{plant}/ns/net", os.O_RDONLY)
if ctypes.CDLL(None, use_errno=True).setns(namespace, 0x40000000) != 0:
    sys.exit("plant_door: the plant's network cannot be entered")
print(listener.getsockname()[1], flush=True)


def carry(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    for end in (source, target):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def serve(outside):
    try:
        inside = socket.create_connection(("127.0.0.1", there))
    except OSError:
        outside.close()
        return
    threading.Thread(target=carry, args=(outside, inside), daemon=True).start()
    carry(inside, outside)


while True:
    connection, _ = listener.accept()
    threading.Thread(target=serve, args=(connection,), daemon=True).start()
