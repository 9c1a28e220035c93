# symbols.awk: from `nm -n KERNEL` to an assembly source with the table that symbols.c searches. Without input, an
# empty table: for the first link, whose addresses of code are those of the second.
# SPDX-License-Identifier: MIT

function hex(text,    i, n)
{
	n = 0
	for (i = 1; i <= length(text); i++)
		n = n * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
	return n
}

# The kernel spans less than 4 GiB: the low eight digits are enough.
$3 == "kernel_start" { start = hex(substr($1, length($1) - 7)) }

$2 ~ /^[tT]$/ && $3 !~ /^(kernel_start|text_end)$/ {
	offset[count] = hex(substr($1, length($1) - 7)) - start
	# What the compiler calls its copies of a function (.constprop.0, .part.0) says nothing to a reader.
	sub(/[.].*/, "", $3)
	name[count++] = $3
}

END {
	print "\t.section .symbols, \"a\""
	print "\t.balign 4"
	print "\t.globl symbol_count, symbol_table, symbol_names"
	print "symbol_count:\n\t.long " count + 0
	print "symbol_table:"
	for (i = 0; i < count; i++) {
		printf "\t.long %.0f, %d\n", offset[i], at
		at += length(name[i]) + 1
	}
	print "symbol_names:"
	for (i = 0; i < count; i++)
		print "\t.asciz \"" name[i] "\""
	print "\t.section .note.GNU-stack, \"\", @progbits"
}
