"""Opens signed approvals of seeded records and signs others with the test keys."""

import subprocess


def opened(envelope):
    """The record inside, unverified."""
    return subprocess.run(
        ["openssl", "cms", "-verify", "-noverify", "-binary", "-inform", "DER"], input=envelope, capture_output=True,
        check=True).stdout


def sign(work, content, signer="approval-signer"):
    plain = work / "content.json"
    plain.write_bytes(content)
    done = subprocess.run(
        [
            "openssl", "cms", "-sign", "-binary", "-nodetach", "-outform", "DER", "-in", plain, "-signer",
            f"seeds/test-pki/{signer}.pem", "-inkey", f"seeds/test-pki/{signer}.key.pem", "-md", "sha256",
        ], capture_output=True, check=True)
    return done.stdout
