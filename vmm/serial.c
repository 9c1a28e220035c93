/* SPDX-License-Identifier: MIT */
/*
 * serial.c: a 16550A UART. Follows National Semiconductor's PC16550D data sheet, section 8
 * "Registers", and the wiring of a PC: OUT2 gates the interrupt. The line is infinitely fast: a
 * byte written has left at once, and received bytes stay in struct input, "on the wire", until they
 * are read, so no FIFO reset can lose them. Not modelled: baud rate, parity, break, DMA modes.
 */
#include "serial.h"

#include <string.h>

#include "guest_abi.h"

enum { RBR_THR_DLL, IER_DLM, IIR_FCR, LCR, MCR, LSR, MSR, SCR };

#define IER_RECEIVED 0x01
#define IER_EMPTY    0x02
#define IER_LINE     0x04
#define IER_MODEM    0x08

#define IIR_MODEM    0x00
#define IIR_NONE     0x01
#define IIR_EMPTY    0x02
#define IIR_RECEIVED 0x04
#define IIR_LINE     0x06
#define IIR_TIMEOUT  0x0c
#define IIR_FIFO     0xc0

#define FCR_ENABLE         0x01
#define FCR_RESET_RECEIVER 0x02
#define FCR_TRIGGER        0xc0

#define LCR_DLAB 0x80

#define MCR_DTR  0x01
#define MCR_RTS  0x02
#define MCR_OUT1 0x04
#define MCR_OUT2 0x08
#define MCR_LOOP 0x10
#define MCR_BITS 0x1f

#define LSR_READY   0x01
#define LSR_OVERRUN 0x02
#define LSR_EMPTY   0x60 /* holding register and transmitter */

#define MSR_DELTAS 0x0f
#define MSR_TERI   0x04
#define MSR_CTS    0x10
#define MSR_DSR    0x20
#define MSR_RI     0x40
#define MSR_DCD    0x80

static unsigned received(const struct serial *serial)
{
	bool line = !(serial->mcr & MCR_LOOP);
	size_t n = serial->loop_used + (line ? serial->input->head - serial->input->tail : 0);

	return n < SERIAL_FIFO ? n : SERIAL_FIFO;
}

static unsigned trigger_level(const struct serial *serial)
{
	static const uint8_t levels[] = {1, 4, 8, 14};

	return serial->fcr & FCR_ENABLE ? levels[(serial->fcr & FCR_TRIGGER) >> 6] : 1;
}

/* The pending interrupt of the highest priority: table II of the data sheet. Bytes below the
 * trigger level are a character timeout at once. */
static uint8_t interrupt_id(const struct serial *serial)
{
	unsigned n = received(serial);

	if (serial->ier & IER_LINE && serial->overrun)
		return IIR_LINE;
	if (serial->ier & IER_RECEIVED && n)
		return n >= trigger_level(serial) ? IIR_RECEIVED : IIR_TIMEOUT;
	if (serial->ier & IER_EMPTY && serial->thr_emptied)
		return IIR_EMPTY;
	if (serial->ier & IER_MODEM && serial->msr & MSR_DELTAS)
		return IIR_MODEM;
	return IIR_NONE;
}

/* Loopback forces the pin OUT2 inactive, so the PC's gate is shut then. */
static void serial_drive(struct serial *serial, bool active)
{
	bool level = active && (serial->mcr & (MCR_OUT2 | MCR_LOOP)) == MCR_OUT2;

	if (level == serial->level)
		return;
	serial->level = level;
	irq_set(&serial->irq, level);
}

static void update_modem(struct serial *serial);

void serial_update(struct serial *serial)
{
	update_modem(serial);
	serial_drive(serial, interrupt_id(serial) != IIR_NONE);
}

/* The guest waits for input: sending needs at most one look at LSR for each byte. */
static void serial_listen(struct serial *serial)
{
	uint8_t byte;

	input_peek(serial->input, &byte);
}

static uint8_t read_rbr(struct serial *serial)
{
	uint8_t byte = 0;

	if (serial->loop_used) {
		byte = serial->loop[0];
		memmove(serial->loop, serial->loop + 1, --serial->loop_used);
	} else if (!(serial->mcr & MCR_LOOP)) {
		input_take(serial->input, &byte);
	}
	return byte;
}

static uint8_t read_iir(struct serial *serial)
{
	uint8_t id = interrupt_id(serial);

	if (id == IIR_EMPTY)
		serial->thr_emptied = false;
	return serial->fcr & FCR_ENABLE ? id | IIR_FIFO : id;
}

static uint8_t read_lsr(struct serial *serial)
{
	uint8_t lsr = LSR_EMPTY;

	if (serial->polled)
		serial_listen(serial);
	serial->polled = true;
	if (received(serial))
		lsr |= LSR_READY;
	if (serial->overrun)
		lsr |= LSR_OVERRUN;
	serial->overrun = false;
	return lsr;
}

static uint8_t read_msr(struct serial *serial)
{
	uint8_t msr = serial->msr;

	serial->msr &= ~MSR_DELTAS;
	return msr;
}

static uint8_t serial_read(struct serial *serial, unsigned reg)
{
	bool dlab = serial->lcr & LCR_DLAB;

	switch (reg) {
	case RBR_THR_DLL:
		return dlab ? serial->dll : read_rbr(serial);
	case IER_DLM:
		return dlab ? serial->dlm : serial->ier;
	case IIR_FCR:
		return read_iir(serial);
	case LCR:
		return serial->lcr;
	case MCR:
		return serial->mcr;
	case LSR:
		return read_lsr(serial);
	case MSR:
		return read_msr(serial);
	default:
		return serial->scr;
	}
}

/* On overrun the new byte is lost, or without the FIFO the old one. */
static void loop_back(struct serial *serial, uint8_t byte)
{
	unsigned size = serial->fcr & FCR_ENABLE ? SERIAL_FIFO : 1;

	if (serial->loop_used < size)
		serial->loop[serial->loop_used++] = byte;
	else
		serial->overrun = true;
	if (size == 1)
		serial->loop[0] = byte;
}

static void write_thr(struct serial *serial, uint8_t byte)
{
	serial->thr_emptied = false;
	serial_update(serial); /* the edge that the PIC needs: the request goes, then comes anew */
	if (serial->mcr & MCR_LOOP)
		loop_back(serial, byte);
	else
		console_write(serial->console, &byte, 1);
	serial->thr_emptied = true;
	serial->polled = false;
}

static void write_ier(struct serial *serial, uint8_t value)
{
	value &= 0x0f;
	if (value & ~serial->ier & IER_EMPTY)
		serial->thr_emptied =
			true; /* enabling it while the register is empty interrupts at once */
	serial->ier = value;
	if (value & IER_RECEIVED) {
		serial->input->reserved = serial;
		serial_listen(serial);
	} else if (serial->input->reserved == serial) {
		serial->input->reserved = NULL;
	}
}

static void write_fcr(struct serial *serial, uint8_t value)
{
	if (value & FCR_RESET_RECEIVER || (value ^ serial->fcr) & FCR_ENABLE)
		serial->loop_used = 0;
	/* "Bit 0 must be a 1 when other FCR bits are written to or they will not be programmed." */
	serial->fcr = value & FCR_ENABLE ? value & (FCR_ENABLE | FCR_TRIGGER) : 0;
}

/* The four modem inputs: a terminal that is always ready, and whose carrier goes at the end of
 * input; or in loopback the four outputs. */
static uint8_t modem_inputs(const struct serial *serial)
{
	uint8_t mcr = serial->mcr;

	if (!(mcr & MCR_LOOP))
		return MSR_CTS | MSR_DSR |
		       (serial->input->closed && !input_ready(serial->input) ? 0 : MSR_DCD);
	return (mcr & MCR_RTS ? MSR_CTS : 0) | (mcr & MCR_DTR ? MSR_DSR : 0) |
	       (mcr & MCR_OUT1 ? MSR_RI : 0) | (mcr & MCR_OUT2 ? MSR_DCD : 0);
}

static void update_modem(struct serial *serial)
{
	uint8_t before = serial->msr & ~MSR_DELTAS, after = modem_inputs(serial), deltas;

	deltas = (before ^ after) >> 4;
	if (after & MSR_RI)
		deltas &= ~MSR_TERI; /* of the ring indicator only the trailing edge counts */
	serial->msr = after | deltas | (serial->msr & MSR_DELTAS);
}

static void write_mcr(struct serial *serial, uint8_t value)
{
	serial->mcr = value & MCR_BITS;
	update_modem(serial);
}

static void serial_write(struct serial *serial, unsigned reg, uint8_t value)
{
	bool dlab = serial->lcr & LCR_DLAB;

	switch (reg) {
	case RBR_THR_DLL:
		if (dlab)
			serial->dll = value;
		else
			write_thr(serial, value);
		break;
	case IER_DLM:
		if (dlab)
			serial->dlm = value;
		else
			write_ier(serial, value);
		break;
	case IIR_FCR:
		write_fcr(serial, value);
		break;
	case LCR:
		serial->lcr = value;
		break;
	case MCR:
		write_mcr(serial, value);
		break;
	case SCR:
		serial->scr = value;
		break;
	}
}

static void serial_access(void *device, struct io *io)
{
	struct serial *serial = device;

	if (io->write)
		serial_write(serial, io->offset, io->value);
	else
		io->value = serial_read(serial, io->offset);
	serial_update(serial);
}

bool serial_init(struct serial *serial, struct bus *bus, struct console *console,
	struct input *input, const struct irq_line *irq, struct error *err)
{
	struct bus_range range = {VMM_PORT_COM1, 8, "serial port", serial_access, serial, 1};

	*serial = (struct serial){.console = console, .input = input, .irq = *irq};
	serial->msr = modem_inputs(serial);
	return bus_claim(bus, &range, err);
}
