/* What 16-bit UUIDs are short for. */
#ifndef OTADFU_PROTOCOLS_UUID_H
#define OTADFU_PROTOCOLS_UUID_H

/* Bytes 4 to 15 of 0000xxxx-0000-1000-8000-00805F9B34FB. */
#define BLUETOOTH_BASE 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0x80, 0x5f, 0x9b, 0x34, 0xfb

#endif
