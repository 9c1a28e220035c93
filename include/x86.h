/* SPDX-License-Identifier: MIT */
/*
 * x86.h: architectural constants that the monitor, the autopsy and the guests share.
 * Numbers follow the Intel Software Developer's Manual (SDM), edition 325462-084; the section
 * is named at each group. Usable from assembly: only #define outside __ASSEMBLER__ guards.
 */
#ifndef X86_H
#define X86_H

/* SDM vol. 3, 2.5 "Control Registers". */
#define CR0_PE (1u << 0)
#define CR0_MP (1u << 1)
#define CR0_EM (1u << 2)
#define CR0_TS (1u << 3)
#define CR0_ET (1u << 4)
#define CR0_NE (1u << 5)
#define CR0_WP (1u << 16)
#define CR0_AM (1u << 18)
#define CR0_NW (1u << 29)
#define CR0_CD (1u << 30)
#define CR0_PG (1u << 31)

#define CR4_VME        (1u << 0)
#define CR4_PVI        (1u << 1)
#define CR4_TSD        (1u << 2)
#define CR4_DE         (1u << 3)
#define CR4_PSE        (1u << 4)
#define CR4_PAE        (1u << 5)
#define CR4_MCE        (1u << 6)
#define CR4_PGE        (1u << 7)
#define CR4_PCE        (1u << 8)
#define CR4_OSFXSR     (1u << 9)
#define CR4_OSXMMEXCPT (1u << 10)
#define CR4_UMIP       (1u << 11)
#define CR4_LA57       (1u << 12)
#define CR4_VMXE       (1u << 13)
#define CR4_SMXE       (1u << 14)
#define CR4_FSGSBASE   (1u << 16)
#define CR4_PCIDE      (1u << 17)
#define CR4_OSXSAVE    (1u << 18)
#define CR4_SMEP       (1u << 20)
#define CR4_SMAP       (1u << 21)
#define CR4_PKE        (1u << 22)
#define CR4_CET        (1u << 23)
#define CR4_PKS        (1u << 24)

/* SDM vol. 3, 2.3 "System Flags and Fields in the EFLAGS Register". */
#define RFLAGS_CF    (1u << 0)
#define RFLAGS_FIXED (1u << 1)
#define RFLAGS_PF    (1u << 2)
#define RFLAGS_AF    (1u << 4)
#define RFLAGS_ZF    (1u << 6)
#define RFLAGS_SF    (1u << 7)
#define RFLAGS_TF    (1u << 8)
#define RFLAGS_IF    (1u << 9)
#define RFLAGS_DF    (1u << 10)
#define RFLAGS_OF    (1u << 11)
#define RFLAGS_IOPL  (3u << 12)
#define RFLAGS_NT    (1u << 14)
#define RFLAGS_RF    (1u << 16)
#define RFLAGS_VM    (1u << 17)
#define RFLAGS_AC    (1u << 18)
#define RFLAGS_VIF   (1u << 19)
#define RFLAGS_VIP   (1u << 20)
#define RFLAGS_ID    (1u << 21)

/* SDM vol. 4, 2.1 "Architectural MSRs". */
#define MSR_TSC            0x10
#define MSR_APIC_BASE      0x1b
#define MSR_SYSENTER_CS    0x174
#define MSR_SYSENTER_ESP   0x175
#define MSR_SYSENTER_EIP   0x176
#define MSR_PAT            0x277
#define MSR_EFER           0xc0000080
#define MSR_STAR           0xc0000081
#define MSR_LSTAR          0xc0000082
#define MSR_CSTAR          0xc0000083
#define MSR_SFMASK         0xc0000084
#define MSR_FS_BASE        0xc0000100
#define MSR_GS_BASE        0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102

#define EFER_SCE (1u << 0)
#define EFER_LME (1u << 8)
#define EFER_LMA (1u << 10)
#define EFER_NXE (1u << 11)

/* SDM vol. 3, 4.5 "4-Level Paging and 5-Level Paging", tables 4-14 to 4-20. */
#define PTE_P    (1ull << 0)
#define PTE_W    (1ull << 1)
#define PTE_U    (1ull << 2)
#define PTE_PWT  (1ull << 3)
#define PTE_PCD  (1ull << 4)
#define PTE_A    (1ull << 5)
#define PTE_D    (1ull << 6)
#define PTE_PS   (1ull << 7)
#define PTE_G    (1ull << 8)
#define PTE_NX   (1ull << 63)
#define PTE_ADDR 0x000ffffffffff000ull

/* Page-fault error code: SDM vol. 3, 4.7 "Page-Fault Exceptions". */
#define PF_P    (1u << 0) /* 0: not present, 1: protection */
#define PF_W    (1u << 1)
#define PF_U    (1u << 2)
#define PF_RSVD (1u << 3)
#define PF_I    (1u << 4)
#define PF_PK   (1u << 5)

/* Selector error code: SDM vol. 3, 6.13 "Error Code". */
#define SEL_ERR_EXT (1u << 0)
#define SEL_ERR_IDT (1u << 1)
#define SEL_ERR_TI  (1u << 2)

/* Exception vectors: SDM vol. 3, table 6-1 "Protected-Mode Exceptions and Interrupts". */
#define VEC_DE  0
#define VEC_DB  1
#define VEC_NMI 2
#define VEC_BP  3
#define VEC_OF  4
#define VEC_BR  5
#define VEC_UD  6
#define VEC_NM  7
#define VEC_DF  8
#define VEC_TS  10
#define VEC_NP  11
#define VEC_SS  12
#define VEC_GP  13
#define VEC_PF  14
#define VEC_MF  16
#define VEC_AC  17
#define VEC_MC  18
#define VEC_XM  19
#define VEC_VE  20
#define VEC_CP  21

#define EXCEPTION_VECTORS 32

/* System descriptor types: SDM vol. 3, table 3-2 "System-Segment and Gate-Descriptor Types". */
#define DESC_TSS16_AVAIL 1
#define DESC_LDT         2
#define DESC_TSS16_BUSY  3
#define DESC_CALL16      4
#define DESC_TASK_GATE   5
#define DESC_INT16       6
#define DESC_TRAP16      7
#define DESC_TSS_AVAIL   9
#define DESC_TSS_BUSY    11
#define DESC_CALL        12
#define DESC_INT         14
#define DESC_TRAP        15

#ifndef __ASSEMBLER__
/* General registers in the order in which instructions encode them: SDM vol. 2, table 2-2. */
enum x86_gpr {
	GPR_RAX,
	GPR_RCX,
	GPR_RDX,
	GPR_RBX,
	GPR_RSP,
	GPR_RBP,
	GPR_RSI,
	GPR_RDI,
	GPR_R8,
	GPR_R9,
	GPR_R10,
	GPR_R11,
	GPR_R12,
	GPR_R13,
	GPR_R14,
	GPR_R15,
	GPR_COUNT
};

/* Segment registers in encoding order: SDM vol. 2, table 3-1. */
enum x86_segment { SEG_ES, SEG_CS, SEG_SS, SEG_DS, SEG_FS, SEG_GS, SEG_COUNT };
#endif

#endif
