/* SPDX-License-Identifier: MIT */
/*
 * memory.c: from the memory map to frames, the kernel's own address space and its heap. The
 * loader's page tables map all RAM at its own address until the kernel's take over.
 */
#include "memory.h"

#include "arch.h"
#include "boot.h"
#include "image.h"
#include "log.h"
#include "panic.h"
#include "pool.h"
#include "string.h"
#include "symbols.h"

#define HEAP_LEAVES 8 /* one frame in so many is not for the heap */

struct frames kernel_frames;
struct space kernel_space;
struct heap kernel_heap;
uintptr_t direct_map;

static void frames_fault(struct frames *frames, const char *what, uint64_t phys)
{
	const struct frame *frame = frames_find(frames, phys, NULL);

	panic("frames: %s: %llx (%s)", what, (unsigned long long)phys,
		frame ? frame_owner_name(frame->owner) : "in no block");
}

static void heap_fault(struct heap *heap, const struct heap_fault *fault)
{
	struct symbol from = symbol_find(fault->caller);

	if (!fault->block)
		panic("heap: %s: %p", fault->what, fault->where);
	panic("heap: %s: %p, block %p of %zu bytes, owner %s, from %s+0x%lx", fault->what,
		fault->where, fault->block, fault->size, fault->owner ? fault->owner : "unknown",
		from.name, from.offset);
}

static uint64_t align_up(uint64_t value, uint64_t to)
{
	return (value + to - 1) & ~(to - 1);
}

static uint64_t usable_end(void)
{
	uint64_t end = 0;

	for (unsigned i = 0; i < boot.ranges; i++) {
		const struct vmm_memory_range *range = &boot.memory[i];

		if (range->type == VMM_MEM_USABLE && range->base + range->size > end)
			end = range->base + range->size;
	}
	if (end > DIRECT_MAP_END)
		end = DIRECT_MAP_END;
	return end & ~(uint64_t)(PAGE_SIZE - 1);
}

/* Adds [base, end) without [hole, hole_end). */
static void add_around(uint64_t base, uint64_t end, uint64_t hole, uint64_t hole_end)
{
	if (hole >= end || hole_end <= base) {
		frames_add(&kernel_frames, base, end - base, boot.ram_is_zero);
		return;
	}
	if (base < hole)
		frames_add(&kernel_frames, base, hole - base, boot.ram_is_zero);
	if (hole_end < end)
		frames_add(&kernel_frames, hole_end, end - hole_end, boot.ram_is_zero);
}

/* Everything above `taken`, the end of image and metadata, but the initial RAM disk. What the PC
 * keeps below the image is left alone. */
static void add_memory(uint64_t taken)
{
	uint64_t initrd = boot.initrd & ~(uint64_t)(PAGE_SIZE - 1);
	uint64_t initrd_end = align_up(boot.initrd + boot.initrd_size, PAGE_SIZE);

	for (unsigned i = boot.ranges; i-- > 0;) {
		const struct vmm_memory_range *range = &boot.memory[i];
		uint64_t base = range->base < taken ? taken : range->base;
		uint64_t end = range->base + range->size;

		if (range->type == VMM_MEM_USABLE && base < end)
			add_around(base, end, initrd, initrd_end);
	}
}

/* Physical address from which the direct map goes: where it has the image's own addresses, that is
 * mapped already. */
static uint64_t direct_map_start(void)
{
	return DIRECT_MAP == KERNEL_BASE ? image_phys(kernel_end) : DIRECT_MAP_START;
}

static bool is_usable(uint64_t base, uint64_t size)
{
	for (unsigned i = 0; i < boot.ranges; i++) {
		const struct vmm_memory_range *range = &boot.memory[i];

		if (range->type == VMM_MEM_USABLE && range->base <= base &&
			base + size <= range->base + range->size)
			return true;
	}
	return false;
}

/* Physical address of `size` bytes for the metadata of frames: right behind the image, or the RAM
 * disk if that is there. */
static uint64_t place_metadata(uint64_t size)
{
	uint64_t base = image_phys(kernel_end);

	if (base < direct_map_start())
		base = direct_map_start();
	if (boot.initrd < base + size && boot.initrd + boot.initrd_size > base)
		base = align_up(boot.initrd + boot.initrd_size, PAGE_SIZE);
	if (is_usable(base, size))
		return base;
	panic("no room for %llu KiB of memory metadata at %llx", (unsigned long long)size / 1024,
		(unsigned long long)base);
}

static void must(int error, const char *what)
{
	if (error)
		panic("%s: error %d", what, -error);
}

static void map(uint64_t virt, uint64_t phys, uint64_t end, unsigned flags)
{
	if (phys < end)
		must(space_map(&kernel_space, virt, phys, end - phys, flags), "kernel mapping");
}

static void map_image(const void *start, const void *end, unsigned flags)
{
	map((uintptr_t)start, image_phys(start), image_phys(end), flags);
}

static bool holds_initrd(const struct vmm_memory_range *range)
{
	return boot.initrd_size && boot.initrd - range->base < range->size;
}

/* Usable RAM in large pages, a bit more at the end where it is not a multiple of them. */
static void map_ram(void)
{
	uint64_t done = direct_map_start();

	for (unsigned i = 0; i < boot.ranges; i++) {
		const struct vmm_memory_range *range = &boot.memory[i];
		uint64_t end = align_up(range->base + range->size, LARGE_PAGE_SIZE);

		if (end > DIRECT_MAP_END)
			end = DIRECT_MAP_END;
		if (end <= done || (range->type != VMM_MEM_USABLE && !holds_initrd(range)))
			continue;
		if (done < range->base)
			done = range->base & ~(uint64_t)(LARGE_PAGE_SIZE - 1);
		map(DIRECT_MAP + done, done, end, MAP_WRITE);
		done = end;
	}
}

/* What is mapped there later is to be seen in all spaces. */
static void reserve(uint64_t start, uint64_t end)
{
	for (uint64_t at = start; at < end; at += TOP_LEVEL_SIZE)
		must(space_reserve(&kernel_space, at), "kernel space");
}

/* The heap need not become larger than the RAM. */
static uint64_t heap_limit(uint64_t ram)
{
	uint64_t size = align_up(ram, TOP_LEVEL_SIZE);

	return size < HEAP_LIMIT - HEAP_BASE ? HEAP_BASE + size : HEAP_LIMIT;
}

static void build_kernel_space(uint64_t ram)
{
	const uint8_t *first = kernel_start - (uintptr_t)kernel_start % CODE_PAGE;

	must(space_init(&kernel_space, &kernel_frames, NULL), "kernel space");
	reserve(HEAP_BASE, heap_limit(ram));
	reserve(DEVICES, DEVICES + PAGE_SIZE);
	reserve(STACKS, STACKS_END);
	map_image(first, data_start, MAP_EXEC);
	map_image(data_start, cpu_stacks, MAP_WRITE);
	for (unsigned i = 0; i < CPU_STACKS; i++)
		map_image(cpu_stacks[i].memory, cpu_stacks[i].memory + STACK_SIZE, MAP_WRITE);
	map_ram();
}

/* Takes the first `bytes` behind the heap's end back. */
static void heap_take_back(struct heap *heap, size_t bytes)
{
	size_t done = 0;

	while (done < bytes) {
		struct translation page;
		size_t size;

		space_translate(&kernel_space, heap->end + done, &page);
		size = (size_t)FRAME_SIZE << frames_used(&kernel_frames, page.phys)->order;
		space_unmap(&kernel_space, heap->end + done, size);
		frames_free(&kernel_frames, page.phys);
		done += size;
	}
}

/* The largest block not above `bytes` that there is; *order tells its size. */
static uint64_t alloc_largest(size_t bytes, unsigned *order)
{
	uint64_t phys;

	*order = 63 - (unsigned)__builtin_clzll(bytes / FRAME_SIZE);
	do
		phys = frames_alloc(&kernel_frames, *order, OWNER_HEAP);
	while (phys == FRAME_NONE && (*order)-- > 0);
	return phys;
}

/* What the heap has got it keeps, so it leaves a part for pages and stacks: names and the like may
 * fill the heap, and calls fail then, but there are processes to take them away again. */
static bool heap_grow(struct heap *heap, size_t bytes)
{
	size_t done = 0;

	if (kernel_frames.free < bytes / FRAME_SIZE + kernel_frames.total / HEAP_LEAVES)
		return false;
	while (done < bytes) {
		unsigned order;
		uint64_t phys = alloc_largest(bytes - done, &order);
		size_t size = (size_t)FRAME_SIZE << order;

		if (phys != FRAME_NONE &&
			space_map(&kernel_space, heap->end + done, phys, size, MAP_WRITE) == 0) {
			done += size;
			continue;
		}
		if (phys != FRAME_NONE)
			frames_free(&kernel_frames, phys);
		heap_take_back(heap, done);
		return false;
	}
	return true;
}

/* The RAM disk must lie where the direct map will reach; else it is moved behind the image. */
static void fetch_initrd(void)
{
	uint64_t to = align_up(image_phys(kernel_end), PAGE_SIZE);

	if (boot.initrd + boot.initrd_size <= DIRECT_MAP_END)
		return;
	if (!is_usable(to, boot.initrd_size) || to + boot.initrd_size > DIRECT_MAP_END)
		panic("no room for the initial RAM disk below %llu MiB",
			(unsigned long long)DIRECT_MAP_END >> 20);
	memcpy(phys_pointer(to), phys_pointer(boot.initrd), boot.initrd_size);
	boot.initrd = to;
}

void memory_init(void)
{
	uint64_t end = usable_end(), size = frames_metadata_size(end);
	uint64_t metadata;

	fetch_initrd();
	metadata = place_metadata(size);
	kernel_frames.fault = frames_fault;
	frames_init(&kernel_frames, end, metadata, boot.ram_is_zero);
	add_memory(metadata + size);
	build_kernel_space(end);
	space_switch(&kernel_space);
	direct_map = DIRECT_MAP;
	heap_init(&kernel_heap, HEAP_BASE, heap_limit(end), heap_grow, heap_fault, NULL);
}

/* Pools keep what they once got: that goes first. */
static void *alloc(size_t size, const char *owner, uintptr_t caller)
{
	void *memory = heap_alloc(&kernel_heap, size, owner, caller);

	while (!memory && pools_trim())
		memory = heap_alloc(&kernel_heap, size, owner, caller);
	return memory;
}

void *kmalloc(size_t size, const char *owner)
{
	return alloc(size, owner, (uintptr_t)__builtin_return_address(0));
}

void *kzalloc(size_t size, const char *owner)
{
	void *memory = alloc(size, owner, (uintptr_t)__builtin_return_address(0));

	return memory ? memset(memory, 0, size) : NULL;
}

void *krealloc(void *pointer, size_t size, const char *owner)
{
	return heap_realloc(
		&kernel_heap, pointer, size, owner, (uintptr_t)__builtin_return_address(0));
}

void kfree(void *pointer)
{
	heap_free(&kernel_heap, pointer, (uintptr_t)__builtin_return_address(0));
}
