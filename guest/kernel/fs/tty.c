/* SPDX-License-Identifier: MIT */
/*
 * tty.c: the terminal's line discipline: editing of lines, echo, signals from the keyboard, and
 * whose terminal it is. After POSIX.1, 11 "General Terminal Interface".
 */
#include "fs/tty.h"

#include "console.h"
#include "errno.h"
#include "fs/files.h"
#include "process.h"
#include "signal.h"
#include "string.h"
#include "time.h"
#include "user.h"

#define I_ICRNL   0000400
#define I_IGNCR   0000200
#define I_INLCR   0000100
#define O_OPOST   0000001
#define O_ONLCR   0000004
#define L_ISIG    0000001
#define L_ICANON  0000002
#define L_ECHO    0000010
#define L_ECHOE   0000020
#define L_ECHOK   0000040
#define L_ECHONL  0000100
#define L_NOFLSH  0000200
#define L_TOSTOP  0000400
#define L_ECHOCTL 0001000
#define L_IEXTEN  0100000

enum { C_INTR, C_QUIT, C_ERASE, C_KILL, C_EOF, C_TIME, C_MIN, C_START = 8, C_STOP, C_SUSP };
#define C_WERASE 14

#define TTY_TCGETS     0x5401
#define TTY_TCSETS     0x5402
#define TTY_TCSETSW    0x5403
#define TTY_TCSETSF    0x5404
#define TTY_TCFLSH     0x540b
#define TTY_TIOCSCTTY  0x540e
#define TTY_TIOCGPGRP  0x540f
#define TTY_TIOCSPGRP  0x5410
#define TTY_TIOCGWINSZ 0x5413
#define TTY_TIOCSWINSZ 0x5414
#define TTY_FIONREAD   0x541b
#define TTY_TIOCNOTTY  0x5422
#define TTY_TIOCGSID   0x5429

#define QUEUE 4096
#define END   0x100 /* in the queue: end of file */

struct tty {
	struct abi_termios termios;
	struct abi_winsize size;
	int32_t session, foreground;
	/* Input: [first, ready) may be read; [ready, end) is the line being typed. Counted without
	 * end, places are modulo QUEUE. */
	uint32_t first, ready, end;
	bool hung_up; /* no more input will come */
	uint16_t queue[QUEUE];
	struct wait_queue wait;
	char out[1024]; /* in the image, as console_write() wants it */
};

static struct tty console;

static void put_out(struct tty *tty, const char *text, size_t n)
{
	memcpy(tty->out, text, n);
	console_write(tty->out, n);
}

static void echo(struct tty *tty, uint8_t byte)
{
	uint32_t lflag = tty->termios.lflag;
	char text[2] = {'^', (char)(byte ^ 0x40)};

	if (!(lflag & L_ECHO) && !(byte == '\n' && (lflag & L_ECHONL) && (lflag & L_ICANON)))
		return;
	if ((byte < ' ' && byte != '\t' && byte != '\n' && (lflag & L_ECHOCTL)) || byte == 0x7f)
		put_out(tty, text, 2);
	else
		put_out(tty, (const char *)&byte, 1);
}

static void erase_one(struct tty *tty)
{
	uint16_t byte;

	if (tty->end == tty->ready)
		return;
	byte = tty->queue[--tty->end % QUEUE];
	if (!(tty->termios.lflag & L_ECHO) || !(tty->termios.lflag & L_ECHOE))
		return;
	put_out(tty, "\b \b", 3);
	if (byte < ' ' && (tty->termios.lflag & L_ECHOCTL))
		put_out(tty, "\b \b", 3);
}

static bool before_is_space(const struct tty *tty)
{
	uint16_t byte = tty->queue[(tty->end - 1) % QUEUE];

	return byte == ' ' || byte == '\t';
}

static void erase_word(struct tty *tty)
{
	while (tty->end != tty->ready && before_is_space(tty))
		erase_one(tty);
	while (tty->end != tty->ready && !before_is_space(tty))
		erase_one(tty);
}

static void append(struct tty *tty, uint16_t byte)
{
	if (tty->end - tty->first < QUEUE)
		tty->queue[tty->end++ % QUEUE] = byte;
}

static void hand_over(struct tty *tty)
{
	tty->ready = tty->end;
	wait_wake(&tty->wait);
}

static bool input_signal(struct tty *tty, uint8_t byte)
{
	const uint8_t *cc = tty->termios.cc;
	int signal = byte == cc[C_INTR]   ? SIGINT
	             : byte == cc[C_QUIT] ? SIGQUIT
	             : byte == cc[C_SUSP] ? SIGTSTP
	                                  : 0;

	if (!signal || !byte || !(tty->termios.lflag & L_ISIG))
		return false;
	if (!(tty->termios.lflag & L_NOFLSH))
		tty->first = tty->ready = tty->end;
	echo(tty, byte);
	if (tty->foreground)
		signal_send_group(tty->foreground, signal);
	return true;
}

static bool input_editing(struct tty *tty, uint8_t byte)
{
	const uint8_t *cc = tty->termios.cc;

	if (!byte)
		return false;
	if (byte == cc[C_ERASE]) {
		erase_one(tty);
	} else if (byte == cc[C_KILL]) {
		while (tty->end != tty->ready)
			erase_one(tty);
	} else if (byte == cc[C_WERASE] && (tty->termios.lflag & L_IEXTEN)) {
		erase_word(tty);
	} else if (byte == cc[C_EOF]) {
		append(tty, END);
		hand_over(tty);
	} else {
		return false;
	}
	return true;
}

bool tty_has_room(void)
{
	const struct tty *tty = &console;

	return tty->end - tty->first < QUEUE - 1 || tty->first == tty->ready;
}

void tty_hang_up(void)
{
	console.hung_up = true;
	hand_over(&console);
}

void tty_input(uint8_t byte)
{
	struct tty *tty = &console;
	uint32_t iflag = tty->termios.iflag;

	if (byte == '\r' && (iflag & I_IGNCR))
		return;
	if (byte == '\r' && (iflag & I_ICRNL))
		byte = '\n';
	else if (byte == '\n' && (iflag & I_INLCR))
		byte = '\r';
	if (input_signal(tty, byte))
		return;
	if (!(tty->termios.lflag & L_ICANON)) {
		echo(tty, byte);
		append(tty, byte);
		hand_over(tty);
		return;
	}
	if (input_editing(tty, byte))
		return;
	/* The last place is kept for the end of the line. */
	if (byte != '\n' && tty->end - tty->first >= QUEUE - 1)
		return;
	echo(tty, byte);
	append(tty, byte);
	if (byte == '\n')
		hand_over(tty);
}

/* Whether the current process may use the terminal now; else its group is told so. */
static int check_foreground(struct tty *tty, int signal)
{
	struct process *process = process_current();

	if (process->terminal != tty || process->group == tty->foreground)
		return 0;
	if (signal_ignored(signal))
		return signal == SIGTTIN ? -EIO : 0;
	if (process_group_is_orphaned(process->group, NULL))
		return -EIO;
	signal_send_group(process->group, signal);
	return -ERESTARTSYS;
}

static int wait_input(struct tty *tty, const struct file *file)
{
	struct wait_entry entry;
	bool raw = !(tty->termios.lflag & L_ICANON);
	uint64_t until = WAIT_FOREVER;
	int error = check_foreground(tty, SIGTTIN);

	if (raw && !tty->termios.cc[C_MIN])
		until = time_ns() + tty->termios.cc[C_TIME] * 100000000ull;
	wait_prepare(&tty->wait, &entry);
	while (!error && tty->first == tty->ready && !tty->hung_up) {
		error = file->flags & OPEN_NONBLOCK ? -EAGAIN : wait_sleep(until);
		if (!error)
			error = check_foreground(tty, SIGTTIN);
	}
	wait_finish(&entry);
	return error;
}

static int64_t tty_read(struct file *file, struct io *io, uint64_t offset)
{
	struct tty *tty = &console;
	size_t before = io->left;
	int error = before ? wait_input(tty, file) : 0;

	if (error)
		return error == -ETIMEDOUT ? 0 : error;
	while (io->left && tty->first != tty->ready) {
		uint16_t word = tty->queue[tty->first++ % QUEUE];
		uint8_t byte = (uint8_t)word;

		if (word == END)
			break;
		error = io_put(io, &byte, 1);
		if (error)
			return before == io->left ? error : (int64_t)(before - io->left);
		if (byte == '\n' && (tty->termios.lflag & L_ICANON))
			break;
	}
	tty_line_continue();
	return (int64_t)(before - io->left);
}

/* Out by pieces. The console takes NL for a new line, which is what ONLCR would make of it. */
static int64_t tty_write(struct file *file, struct io *io, uint64_t offset)
{
	struct tty *tty = &console;
	size_t before = io->left;
	int error = tty->termios.lflag & L_TOSTOP ? check_foreground(tty, SIGTTOU) : 0;

	while (io->left && !error) {
		size_t n = io->left < sizeof(tty->out) ? io->left : sizeof(tty->out);

		error = io_get(io, tty->out, n);
		if (!error)
			console_write(tty->out, n);
	}
	return before == io->left ? error : (int64_t)(before - io->left);
}

static unsigned tty_poll(struct file *file, struct poll_table *table)
{
	poll_wait(table, &console.wait);
	return POLL_OUT | POLL_WRNORM |
	       (console.first != console.ready || console.hung_up ? POLL_IN | POLL_RDNORM : 0);
}

static int set_termios(struct tty *tty, unsigned request, uintptr_t argument)
{
	struct abi_termios termios;

	if (user_read(&termios, argument, sizeof(termios)))
		return -EFAULT;
	if (request == TTY_TCSETSF)
		tty->first = tty->ready = tty->end;
	if ((tty->termios.lflag ^ termios.lflag) & L_ICANON)
		hand_over(tty);
	tty->termios = termios;
	return 0;
}

static int take_terminal(struct tty *tty, struct process *process)
{
	if (process->session != process->pid || (tty->session && tty->session != process->session))
		return -EPERM;
	process->terminal = tty;
	tty->session = process->session;
	tty->foreground = process->group;
	return 0;
}

static int set_foreground(struct tty *tty, const struct process *process, uintptr_t argument)
{
	int32_t group;
	int error;

	if (process->terminal != tty)
		return -ENOTTY;
	if (user_read(&group, argument, sizeof(group)))
		return -EFAULT;
	error = check_foreground(tty, SIGTTOU);
	if (error)
		return error;
	if (!process_group_exists(group, process->session))
		return -EPERM;
	tty->foreground = group;
	return 0;
}

static int64_t tty_ioctl(struct file *file, unsigned request, uintptr_t argument)
{
	struct tty *tty = &console;
	struct process *process = process_current();
	int32_t count = (int32_t)(tty->ready - tty->first);

	switch (request) {
	case TTY_TCGETS:
		return user_write(argument, &tty->termios, sizeof(tty->termios));
	case TTY_TCSETS:
	case TTY_TCSETSW:
	case TTY_TCSETSF:
		return set_termios(tty, request, argument);
	case TTY_TCFLSH:
		if (argument != 1)
			tty->first = tty->ready = tty->end;
		return 0;
	case TTY_TIOCSCTTY:
		return take_terminal(tty, process);
	case TTY_TIOCNOTTY:
		if (process->terminal != tty)
			return -ENOTTY;
		terminal_leave(process);
		process->terminal = NULL;
		return 0;
	case TTY_TIOCGPGRP:
		return process->terminal == tty ? user_write(argument, &tty->foreground, 4)
		                                : -ENOTTY;
	case TTY_TIOCSPGRP:
		return set_foreground(tty, process, argument);
	case TTY_TIOCGSID:
		return process->terminal == tty ? user_write(argument, &tty->session, 4) : -ENOTTY;
	case TTY_TIOCGWINSZ:
		return user_write(argument, &tty->size, sizeof(tty->size));
	case TTY_TIOCSWINSZ:
		return user_read(&tty->size, argument, sizeof(tty->size));
	case TTY_FIONREAD:
		return user_write(argument, &count, sizeof(count));
	default:
		return -ENOTTY;
	}
}

/* /dev/tty is the caller's own terminal. */
static int tty_open(struct file *file)
{
	bool is_own = file->inode->rdev == abi_dev(5, 0);

	return is_own && !process_current()->terminal ? -ENXIO : 0;
}

const struct file_ops tty_ops = {.open = tty_open,
	.read = tty_read,
	.write = tty_write,
	.poll = tty_poll,
	.ioctl = tty_ioctl};

void terminal_give(struct process *process)
{
	take_terminal(&console, process);
}

/* The session's others have no terminal any more; those in the foreground are told. */
void terminal_leave(struct process *process)
{
	struct tty *tty = process->terminal;

	if (!tty || tty->session != process->pid)
		return;
	if (tty->foreground) {
		signal_send_group(tty->foreground, SIGHUP);
		signal_send_group(tty->foreground, SIGCONT);
	}
	for (struct process *p = process_after(0); p; p = process_after(p->pid))
		if (p->session == tty->session)
			p->terminal = NULL;
	tty->session = tty->foreground = 0;
}

int32_t terminal_foreground(const struct tty *tty)
{
	return tty->foreground;
}

void tty_start(void)
{
	static const struct abi_termios usual = {
		.iflag = I_ICRNL,
		.oflag = O_OPOST | O_ONLCR,
		.cflag = 0x000000bf, /* 38400 baud, 8 bits, CREAD */
		.lflag = L_ISIG | L_ICANON | L_ECHO | L_ECHOE | L_ECHOK | L_ECHOCTL | L_IEXTEN,
		.cc = {3, 0x1c, 0x7f, 0x15, 4, 0, 1, 0, 0x11, 0x13, 0x1a, 0, 0x12, 0x0f, 0x17,
			0x16},
	};

	memset(&console, 0, offsetof(struct tty, queue));
	console.termios = usual;
	console.size.rows = 24;
	console.size.columns = 80;
	tty_line_open();
}
