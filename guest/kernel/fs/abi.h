/* SPDX-License-Identifier: MIT */
/*
 * abi.h: numbers and structures of files as programs of Linux see them, beside those of user_abi.h.
 */
#ifndef FS_ABI_H
#define FS_ABI_H

#include <stdint.h>

#include "user_abi.h"

#define MODE_TYPE    0170000
#define MODE_SOCKET  0140000
#define MODE_SYMLINK 0120000
#define MODE_REGULAR 0100000
#define MODE_BLOCK   0060000
#define MODE_DIR     0040000
#define MODE_CHAR    0020000
#define MODE_FIFO    0010000
#define MODE_STICKY  01000

#define OPEN_ACCESS    00000003
#define OPEN_READ      00000000
#define OPEN_WRITE     00000001
#define OPEN_BOTH      00000002
#define OPEN_CREATE    00000100
#define OPEN_EXCLUSIVE 00000200
#define OPEN_NOCTTY    00000400
#define OPEN_TRUNCATE  00001000
#define OPEN_APPEND    00002000
#define OPEN_NONBLOCK  00004000
#define OPEN_LARGE     00100000
#define OPEN_DIRECTORY 00200000
#define OPEN_NOFOLLOW  00400000
#define OPEN_CLOEXEC   02000000
#define OPEN_PATH      010000000
/* What fcntl may change. */
#define OPEN_CHANGEABLE (OPEN_APPEND | OPEN_NONBLOCK | 0x2000 | 0x4000 | 01000000)

#define AT_CWD              (-100)
#define AT_NOFOLLOW         0x100
#define AT_REMOVE_DIRECTORY 0x200
#define AT_FOLLOW           0x400
#define AT_EMPTY            0x1000

#define POLL_IN     0x001
#define POLL_PRI    0x002
#define POLL_OUT    0x004
#define POLL_ERR    0x008
#define POLL_HUP    0x010
#define POLL_NVAL   0x020
#define POLL_RDNORM 0x040
#define POLL_WRNORM 0x100

struct abi_dirent {
	uint64_t ino;
	int64_t next;
	uint16_t length;
	uint8_t type;
} __attribute__((packed));
#define ABI_DIRENT_NAME 19

struct abi_iovec {
	user_ulong base, length;
};

struct abi_pollfd {
	int32_t fd;
	uint16_t events, revents;
};

struct abi_statfs {
	user_long type, block_size;
	uint64_t blocks, free, available, files, free_files;
	int32_t id[2];
	user_long name_length, fragment_size, flags, spare[4];
};
_Static_assert(sizeof(struct abi_statfs) == 9 * sizeof(user_long) + 48, "struct statfs, statfs64");

/* As TCGETS gives it: 19 control characters. */
struct abi_termios {
	uint32_t iflag, oflag, cflag, lflag;
	uint8_t line, cc[19];
};
_Static_assert(sizeof(struct abi_termios) == 36, "struct termios");

struct abi_winsize {
	uint16_t rows, columns, width, height;
};

static inline uint64_t abi_dev(unsigned major, unsigned minor)
{
	return (uint64_t)major << 8 | minor; /* for majors below 4096 and minors below 256 */
}

#endif
