/* SPDX-License-Identifier: MIT */
/*
 * options_help.c: the text of --help.
 */
#include "options.h"

static const char help[] =
	"usage: bisect [options] GOOD BAD [-- KERNEL-COMMAND-LINE]\n"
	"\n"
	"GOOD and BAD are images that vmm can run; GOOD lives and BAD dies. Finds the least\n"
	"of BAD that makes GOOD die, and says it in terms of functions and source lines.\n"
	"\n"
	"What is exchanged:\n"
	"      --by prefix          BAD's first N bytes, then GOOD's: the decisive byte\n"
	"      --by bytes           the bytes in which they differ\n"
	"      --by symbol          functions and data objects of two ELF files\n"
	"      --by object          object files: GOOD and BAD are folders of .o files\n"
	"      --by flags           compiler flags: GOOD and BAD are lists of flags, or @FILE\n"
	"      --good GOOD, --bad BAD   the same by name, for what begins with a dash\n"
	"      --by layout          nothing: shifts sections, to see whether that matters\n"
	"      --link 'COMMAND'     for objects: links @objects@ to the image {}\n"
	"      --objects FILE       names of the objects in the order of linking, one a line\n"
	"      --build 'COMMAND'    builds the image {} with @flags@, or with the object @pad@\n"
	"                           linked first\n"
	"The default is the best that the input allows: object with --link, flags or layout\n"
	"with --build, symbol for two ELF files, else bytes.\n"
	"\n"
	"What counts as bad:\n"
	"  (nothing)                a triple fault, panic, hang, or the timeout\n"
	"      --expect REGEX       no line of the console matches\n"
	"      --test 'COMMAND {}'  the command's status is 1 to 124 (0: good, 125: skip)\n"
	"  -t, --timeout SECONDS    for a try; default: much more than GOOD takes\n"
	"\n"
	"  -j, --jobs N             tries side by side (default 1)\n"
	"  -o, --output DIR         where results are kept (default: BAD.bisect)\n"
	"      --fresh              forget what an earlier run has found out\n"
	"      --json               the answer as JSON\n"
	"  -q, --quiet              no progress, no notes\n"
	"      --version            print the version\n"
	"  -h, --help               print this text\n"
	"\n"
	"The machine is described as to vmm: -m, --memory; -c, --cpus; -i, --initrd;\n"
	"-s, --symbols; --mode; --load; --entry; --virt.\n"
	"After Ctrl-C the same command goes on where it was.\n"
	"\n"
	"Exit status:\n"
	"  0 found              64 usage             65 an image is unusable\n"
	"  66 cannot read       69 KVM not usable    70 bug\n"
	"  73 cannot write      85 GOOD equals BAD   86 GOOD is bad\n"
	"  87 BAD is good       88 both waver alike  89 a command fails\n"
	"  90 the cause is not in what can be exchanged this way\n"
	"  91 GOOD or BAD cannot be judged           130 interrupted\n";

const char *options_help(void)
{
	return help;
}
