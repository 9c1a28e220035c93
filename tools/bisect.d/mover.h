/* SPDX-License-Identifier: MIT */
/*
 * mover.h: from addresses of BAD to those of their counterparts in GOOD: by symbol, by the text of
 * a string, or by what equal code refers to; what GOOD does not have is put into the room that its
 * code segment has behind its end.
 */
#ifndef BISECT_MOVER_H
#define BISECT_MOVER_H

#include "diff.h"
#include "elf_symbols.h"
#include "relocate.h"

/* An address in BAD and its counterpart. */
struct mover_pair {
	uint64_t bad, good;
};

struct mover {
	struct diff *diff; /* its base gets what is put into the room */
	const struct content *bad;
	struct elf_syms good_syms, bad_syms; /* matched */
	struct cpu_state cpu;
	struct mover_pair *pairs;
	unsigned pair_count, pair_room;
	struct image_segment *room;    /* GOOD's code segment, or NULL */
	uint64_t room_used, room_size; /* bytes behind its end */
	bool learning;  /* only what is certain: no strings, nothing new in the room */
	unsigned depth; /* of what is put there, which may refer to more */
};

/* Reads and matches symbols. mover_deinit() in any case. */
bool mover_init(struct mover *mover, struct diff *diff, const struct content *good,
	const struct content *bad, struct error *err);
void mover_deinit(struct mover *mover);

/* Makes GOOD's code segment as long as its last page allows. */
void mover_open_room(struct mover *mover);

/* Notes that BAD's address is GOOD's other; without memory it is not noted. */
void mover_note(struct mover *mover, uint64_t bad, uint64_t good);

/* Bytes of the symbol in BAD's file, or NULL when it has none there. */
const uint8_t *mover_bad_bytes(const struct mover *mover, const struct elf_sym *sym);

/* Moves a symbol of BAD to an address of GOOD's; `to` has room for its size. False when too many
 * addresses have no counterpart. */
bool mover_move(struct mover *mover, const struct elf_sym *sym, uint64_t now, uint8_t *to,
	struct relocate_open *open);

#define JUMP_SIZE 5 /* e9 and a displacement: SDM vol. 2, "JMP" */

/* A jump that is to lie at `from`. */
void mover_jump(uint8_t *to, uint64_t from, uint64_t target);

/* Whether what follows the symbol of BAD is, in GOOD, at that address. */
bool mover_leads_to(struct mover *mover, const struct elf_sym *sym, uint64_t address);

/* A jump at the address `from` to what follows the symbol of BAD. False when GOOD has it not. */
bool mover_jump_on(struct mover *mover, const struct elf_sym *sym, uint8_t *to, uint64_t from);

/* Puts the symbol of BAD into the room; *address: where. False when there is no room, or when it
 * refers to what GOOD has not. */
bool mover_place(struct mover *mover, const struct elf_sym *sym, uint64_t *address);

#endif
