#pragma once
#include <string.h>
#include <winscard.h>
#include <reader.h>

// SCARD_READERSTATE keeps a pointer to the reader's name, so it is filled and used inside one C frame.
// `state` is the state known so far and gets the new one; `atr` holds MAX_ATR_SIZE bytes.
static inline LONG sakk_pcsc_status_change(
    SCARDCONTEXT context, const char *reader, DWORD timeout_ms, DWORD *state, unsigned char *atr, DWORD *atr_length)
{
    SCARD_READERSTATE reader_state;
    memset(&reader_state, 0, sizeof reader_state);
    reader_state.szReader = reader;
    reader_state.dwCurrentState = *state;
    LONG result = SCardGetStatusChange(context, timeout_ms, &reader_state, 1);
    *state = reader_state.dwEventState;
    *atr_length = reader_state.cbAtr <= MAX_ATR_SIZE ? reader_state.cbAtr : 0;
    memcpy(atr, reader_state.rgbAtr, *atr_length);
    return result;
}

// The protocol headers are macros over library globals.
static inline LONG sakk_pcsc_transmit(
    SCARDHANDLE card, DWORD protocol, const unsigned char *command, DWORD command_length, unsigned char *response,
    DWORD *response_length)
{
    const SCARD_IO_REQUEST *header = protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
    return SCardTransmit(card, header, command, command_length, NULL, response, response_length);
}
