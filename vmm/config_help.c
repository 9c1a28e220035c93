/* SPDX-License-Identifier: MIT */
/*
 * config_help.c: the text of --help.
 */
#include "config.h"

static const char help[] =
	"usage: vmm [options] IMAGE [IMAGE...] [-- KERNEL-COMMAND-LINE]\n"
	"\n"
	"Runs a kernel under Linux KVM, and when it dies says why. IMAGE is an ELF file\n"
	"or a flat binary. stdout is the guest's console, messages of vmm go to stderr.\n"
	"Several images run side by side, their lines behind [NAME].\n"
	"\n"
	"The machine:\n"
	"  -m, --memory SIZE        guest RAM in bytes, or with K, M, G (default 128M)\n"
	"  -c, --cpus N             vCPUs, 1 to 64 (default 1)\n"
	"  -i, --initrd FILE        handed to the kernel as its initial RAM disk\n"
	"\n"
	"Flat images without a header (pse32 and multiboot go with ELF, too):\n"
	"      --mode MODE          real, pm32, pse32, long64 or multiboot\n"
	"      --load ADDR          guest-physical address of the first byte\n"
	"      --entry ADDR         first instruction\n"
	"      --virt ADDR          linear address at which the image is mapped\n"
	"\n"
	"The run:\n"
	"  -s, --symbols ELF        symbols and line numbers; default: the image, or\n"
	"                           IMAGE with .bin replaced by .elf\n"
	"  -t, --timeout SECONDS    stop the guest then, and report where it was\n"
	"      --expect REGEX       succeed as soon as a console line matches\n"
	"      --report FILE        write the report of a death to FILE (.txt or .json)\n"
	"      --watch EXPR         report every write to SYMBOL or ADDR, or SYMBOL:LEN\n"
	"      --core FILE          on a death write a core for gdb and --autopsy\n"
	"      --trace LIST[@FILE]  log some of exits,io,mmio,irq,msr to stderr or FILE\n"
	"\n"
	"Instead of a run:\n"
	"      --autopsy CORE       explain a core written earlier\n"
	"      --map                print the memory layout that IMAGE would get\n"
	"      --host               print what this host's KVM can do\n"
	"\n"
	"  -v, --verbose            say more\n"
	"  -q, --quiet              say only what went wrong\n"
	"      --version            print the version\n"
	"  -h, --help               print this text\n"
	"\n"
	"At a terminal, Ctrl-a x quits, Ctrl-a c prints a status line, Ctrl-a h helps.\n"
	"\n"
	"Exit status: the guest's own, 0 when it powered itself off, or one of vmm's:\n"
	"  64 usage            65 image unusable   66 cannot read an input\n"
	"  69 KVM not usable   70 bug in vmm       80 triple fault, unhandled exception\n"
	"  81 kernel panic     82 KVM gave up      83 the guest can never run again\n"
	"  84 ended without what --expect asked for\n"
	"  124 timeout         130 stopped by Ctrl-a x\n";

const char *config_help(void)
{
	return help;
}
