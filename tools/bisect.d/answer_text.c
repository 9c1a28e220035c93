/* SPDX-License-Identifier: MIT */
/*
 * answer_text.c: the answer for a person: what, where, the code, the autopsy, where it was kept.
 */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "answer.h"
#include "answer_value.h"

#define CONTEXT     2  /* rows around one that differs */
#define BYTES_SHOWN 8  /* of a stretch */
#define SHOWN_MAX   24 /* stretches */
#define COLUMN      46

static const char *plural(unsigned long long n)
{
	return n == 1 ? "" : "s";
}

static void print_bytes(FILE *to, const uint8_t *bytes, uint64_t n)
{
	for (uint64_t i = 0; i < n && i < BYTES_SHOWN; i++)
		fprintf(to, "%s%02x", i ? " " : "", bytes[i]);
	if (n > BYTES_SHOWN)
		fprintf(to, " ...");
}

/* A function or object as a whole. */
static void print_symbol(const struct change *change, FILE *to)
{
	fprintf(to, "  %s", change->atom->name ? change->atom->name : "(no name)");
	if (change->has_line)
		fprintf(to, " (%s:%u)", change->line.path, change->line.line);
	fprintf(to, ": %s of %" PRIu64 " bytes%s at 0x%" PRIx64 " in %s, offset 0x%" PRIx64 "\n",
		change->code ? "function" : "object", change->size,
		change->atom->guessed ? " (up to the next symbol, since it has no size)" : "",
		change->address, change->section[0] ? change->section : "no section",
		change->offset);
}

static void print_change(
	const struct answer *answer, const struct change *change, const uint8_t *bytes, FILE *to)
{
	fprintf(to, "  offset 0x%" PRIx64, change->offset);
	if (change->size > 1)
		fprintf(to, " (%" PRIu64 " bytes)", change->size);
	fprintf(to, ": ");
	print_bytes(to, answer->diff->base.bytes + change->offset, change->size);
	fprintf(to, " -> ");
	print_bytes(to, bytes + change->offset, change->size);
	if (!change->loaded) {
		fprintf(to, change->beyond ? ", where GOOD loads nothing\n"
					   : ", in the file's headers\n");
		return;
	}
	fprintf(to, ", at 0x%" PRIx64, change->address);
	if (change->section[0])
		fprintf(to, " in %s", change->section);
	if (change->has_symbol)
		fprintf(to, ", %s+0x%" PRIx64, change->symbol.name, change->symbol.offset);
	if (change->has_line)
		fprintf(to, " (%s:%u)", change->line.path, change->line.line);
	fprintf(to, "\n");
}

/* "call 0xffffffff80100000 <f>" without the number, which the name replaces. */
static void drop_address(char *text)
{
	char *name = strstr(text, " <");
	char *number = name;

	while (number > text && isxdigit((unsigned char)number[-1]))
		number--;
	if (name && number - text > 2 && number[-1] == 'x' && number[-2] == '0')
		memmove(number - 2, name + 1, strlen(name + 1) + 1);
}

static void print_side(FILE *to, const struct pair_side *side, int width)
{
	char text[INSN_TEXT_MAX + 24];

	text[0] = '\0';
	if (side->there)
		snprintf(text, sizeof(text), "%" PRIx64 ": %s", side->address, side->text);
	if ((int)strlen(text) > width)
		drop_address(text);
	if ((int)strlen(text) > width)
		strcpy(text + width - 3, "...");
	fprintf(to, "%-*s", width, text);
}

static void print_pair(const struct pair *pair, const struct changed_code *code, FILE *to)
{
	bool gap = false;

	fprintf(to, "\n%s%s", code->name[0] ? code->name : "the bytes as code",
		code->has_line ? " (" : "");
	if (code->has_line)
		fprintf(to, "%s:%u)", code->line.path, code->line.line);
	fprintf(to, ", GOOD and BAD:\n");
	for (unsigned i = 0; i < pair->count; i++) {
		const struct pair_row *row = &pair->rows[i];

		if (!pair_near(pair, i, CONTEXT)) {
			gap = true;
			continue;
		}
		if (gap)
			fprintf(to, "    ...\n");
		gap = false;
		fprintf(to, "  %c ", row->decisive ? '>' : row->differs ? '|' : ' ');
		print_side(to, &row->good, COLUMN);
		fprintf(to, " %c ", row->differs ? '|' : ' ');
		print_side(to, &row->bad, row->bad.there ? COLUMN : 0);
		fprintf(to, "\n");
	}
}

static void print_atoms(const struct answer *answer, const struct set *set, FILE *to)
{
	for (unsigned i = 0; i < set->count && i < SHOWN_MAX; i++)
		fprintf(to, "  %s\n", answer->space->name(answer->space, set->at[i]));
	if (set->count > SHOWN_MAX)
		fprintf(to, "  ... and %u more\n", set->count - SHOWN_MAX);
}

static void print_changes(
	const struct answer *answer, const struct changes *changes, const uint8_t *bytes, FILE *to)
{
	for (unsigned i = 0; i < changes->count && i < SHOWN_MAX; i++) {
		const struct change *change = &changes->at[i];

		if (!change->atom) {
			print_change(answer, change, bytes, to);
			continue;
		}
		print_symbol(change, to);
		if (!change->code)
			answer_print_values(answer, change, to);
	}
	if (changes->count > SHOWN_MAX)
		fprintf(to, "  ... and %u more stretches\n", changes->count - SHOWN_MAX);
}

static void print_code(const struct answer *answer, FILE *to)
{
	for (unsigned i = 0; i < answer->pair_count; i++)
		print_pair(&answer->pairs[i], &answer->changes.code[i], to);
	if (answer->pair_count)
		fprintf(to, "  (| differs%s)\n",
			answer->way == WAY_BYTES || answer->way == WAY_PREFIX
				? ", > has some of what was found"
				: "");
}

static void print_claim(const char *role, const struct claim *claim, const struct tally *tally,
	const struct trial *trial, bool wavers, FILE *to)
{
	fprintf(to, "%s %s: %s", role, claim->name, trial->why);
	if (wavers)
		fprintf(to, "; bad in %u of %u tries", tally->bad, tally->bad + tally->good);
	fprintf(to, "\n");
}

static void print_headline(const struct answer *answer, FILE *to)
{
	const struct set *minimal = &answer->finding->minimal;
	const char *what = answer->space->what;

	if (answer->way == WAY_PREFIX) {
		uint64_t last = answer->diff->pieces[minimal->count - 1].offset;

		fprintf(to,
			"\nBAD's first %" PRIu64
			" bytes, then GOOD's, are bad; with one byte less they "
			"are %s. The decisive byte:\n",
			last + 1, answer->finding->boundary_skips ? "not to be judged" : "good");
		return;
	}
	fprintf(to, "\n%u of %u %s%s of BAD make%s GOOD bad, and none of %s can be left out",
		minimal->count, answer->space->atoms, what, plural(answer->space->atoms),
		minimal->count == 1 ? "s" : "", minimal->count == 1 ? "it" : "them");
	if (answer->finding->unjudged)
		fprintf(to, " (without %u of them it cannot be judged)", answer->finding->unjudged);
	fprintf(to, ":\n");
}

static bool same_set(const struct set *a, const struct set *b)
{
	return a->count == b->count && !memcmp(a->at, b->at, a->count * sizeof(a->at[0]));
}

static void print_removal(const struct answer *answer, FILE *to)
{
	const struct finding *finding = answer->finding;
	const char *what = answer->space->what;

	if (!finding->has_removal || answer->way == WAY_PREFIX)
		return;
	if (same_set(&finding->removal, &finding->minimal) && finding->removal.count == 1) {
		fprintf(to, "\nBAD with that one %s as in GOOD is good.\n", what);
		return;
	}
	if (finding->gave_up) {
		fprintf(to,
			"\nHow much of BAD can stay was not searched to the end: BAD lives with %u "
			"of "
			"its %u %ss as in GOOD.\n",
			finding->removal.count, answer->space->atoms, what);
		return;
	}
	fprintf(to, "\nBAD becomes good with %s %u %s%s as in GOOD%s (GOOD -> BAD):\n",
		finding->removal.count == 1 ? "this" : "these", finding->removal.count, what,
		plural(finding->removal.count),
		finding->removal.count == 1 ? "" : ", and not with one of them less");
	if (!answer->space->name)
		print_changes(answer, &answer->removal, answer->whole->bytes, to);
	else
		print_atoms(answer, &finding->removal, to);
}

/* Cause and repair, which end at the first empty line; the file has the rest. */
static void print_autopsy(const char *path, FILE *to)
{
	char line[512];
	FILE *from = fopen(path, "r");

	while (from && fgets(line, sizeof(line), from) && line[0] != '\n')
		fprintf(to, "  %s", line);
	if (from)
		fclose(from);
}

static void print_kept(const struct answer *answer, FILE *to)
{
	const struct results *results = answer->results;

	if (!results->is_kept) {
		fprintf(to, "\nNothing of it could be kept.\n");
		return;
	}
	fprintf(to, "\nkept: %s\n", results->smallest);
	if (results->has_largest)
		fprintf(to, "      %s\n", results->largest);
	fprintf(to, "      %s runs %s\n", results->show, results->has_largest ? "both" : "it");
	if (results->has_autopsy)
		fprintf(to, "      %s, .json\n", results->text);
}

static void print_wavering(const struct answer *answer, FILE *to)
{
	const struct tally *again = &answer->finding->again;
	const struct rates *rates = &answer->proof->rates;

	if (!rates->wavers)
		return;
	fprintf(to,
		"\nThe verdict wavers: what was found is bad in %u of %u tries. Each verdict "
		"\"good\" "
		"rests on %u tries without a failure, or on as many as their rate asks for.\n",
		again->bad, again->bad + again->good, rates_tries_for_good(rates));
}

void answer_print(const struct answer *answer, FILE *to)
{
	const struct proof *proof = answer->proof;
	const struct rates *rates = &proof->rates;
	const struct judge_counts *counts = &answer->counts;

	print_claim("GOOD", answer->good, &rates->of_good, &proof->good, rates->wavers, to);
	print_claim("BAD ", answer->bad, &rates->of_bad, &proof->bad, rates->wavers, to);
	print_headline(answer, to);
	if (answer->space->name)
		print_atoms(answer, &answer->finding->minimal, to);
	if (answer->space->name && answer->diff)
		fprintf(to,
			"Of what they change, %u of %u symbols suffice%s, and none can be left "
			"out:\n",
			answer->inner->minimal.count, answer->diff->space.atoms,
			answer->inner->minimal.count == 1 ? "s" : "");
	if (answer->diff)
		print_changes(answer, &answer->changes, answer->smallest->bytes, to);
	print_code(answer, to);
	print_removal(answer, to);
	print_wavering(answer, to);
	if (answer->note)
		fprintf(to, "\n%s\n", answer->note);
	fprintf(to, "\nIts end: %s.%s\n", answer->finding->trial.why,
		answer->results->has_autopsy ? " The autopsy:" : "");
	if (answer->results->has_autopsy)
		print_autopsy(answer->results->text, to);
	if (answer->diff)
		fprintf(to,
			"\nAddresses, names and source lines are those of %s; in a listing each "
			"column "
			"has its own.\n",
			answer->diff->reversed ? "BAD" : "GOOD");
	print_kept(answer, to);
	fprintf(to, "by %s: %llu tries in %.1f s (%.0f/s), %llu verdicts known before",
		way_name(answer->way), counts->tries, counts->seconds,
		counts->seconds > 0 ? (double)counts->tries / counts->seconds : 0, counts->known);
	if (counts->unjudged)
		fprintf(to, ", %llu tries not to be judged", counts->unjudged);
	fprintf(to, "\n");
}
