// The program's free(3) and realloc(3): memory is overwritten before it is freed, so that no plaintext, passphrase or key
// stays in it, whichever container, JSON value or library had it there. glibc looks these names up in the program first,
// for all libraries ("Replacing malloc" in its manual), and offers its own under the names used here. malloc(3) also has a
// reserve for small blocks, as GLib ends the process when it gets none. Linked into programs, and not where a sanitizer has
// an allocator of its own.
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#ifdef __GLIBC__

void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* memory, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
void __libc_free(void* memory);

/// The size of a block with its head and three marks in the lowest bits, as glibc keeps it before each block.
static size_t head_of(const void* memory) {
    size_t head = 0;
    memcpy(&head, (const char*)memory - sizeof head, sizeof head);
    return head;
}

/// Big blocks are mappings of their own, which the kernel takes back and clears.
static int is_mapping(size_t head) {
    const size_t mark = 2; // IS_MMAPPED
    return (head & mark) != 0;
}

/// What malloc_usable_size(3) says of a block that is no mapping: this runs for everything that is freed.
static size_t usable_size(size_t head) {
    const size_t marks = 7;
    return (head & ~marks) - sizeof head;
}

/// Very big blocks are filled from end to end: with huge pages, where the system has them for who asks, that takes a
/// hundredth of the page faults, which are most of the time otherwise. The whole mapping is advised, for mremap(2) moves
/// only what is one; so not those of memalign, which begin further ahead.
static void* with_huge_pages(void* memory, size_t size) {
    const size_t least = (size_t)4 << 20, header = 2 * sizeof(size_t), marks = 7;
    if (memory == NULL || size < least)
        return memory;
    const size_t head = head_of(memory);
    if (is_mapping(head)) {
        const int kept = errno;
        (void)madvise((char*)memory - header, head & ~marks, MADV_HUGEPAGE);
        errno = kept;
    }
    return memory;
}

// From base/memory_reserve.hpp: memory for C code that ends the process when it gets none. It is there for small blocks.
int pep_give_last_memory(void);
int pep_is_last_memory_out(void);
static const size_t most_of_last = (size_t)64 << 10;

/// This thread has used it.
static _Thread_local int is_in_debt;

static void* again_if_small(size_t size) {
    if (size > most_of_last || !pep_give_last_memory())
        return NULL;
    is_in_debt = 1;
    return __libc_malloc(size);
}

/// While it is out, big blocks would swallow it.
static int is_denied(size_t size) { return size > most_of_last && pep_is_last_memory_out(); }

/// For operator new, whose failure is no harm: it does not take the last memory, leaves it to others when they took it,
/// and fails once where C code of the same thread did, so that the call that needs too much ends.
void* pep_allocate_or_fail(size_t size) {
    const size_t harmless = 1024;
    if (is_in_debt || (size > harmless && pep_is_last_memory_out())) {
        is_in_debt = 0;
        return NULL;
    }
    return with_huge_pages(__libc_malloc(size), size);
}

static void overwrite(void* memory, size_t size) {
    memset(memory, 0, size);
    __asm__ volatile("" : : "r"(memory) : "memory"); // as explicit_bzero(3): the compiler must not leave it out
}

void free(void* memory) {
    if (memory == NULL)
        return;
    const size_t head = head_of(memory);
    if (is_mapping(head)) {
        const int kept = errno; // unmapping may change it; for other blocks glibc keeps it
        __libc_free(memory);
        errno = kept;
        return;
    }
    overwrite(memory, usable_size(head));
    __libc_free(memory);
}

void* malloc(size_t size) {
    void* const made = is_denied(size) ? NULL : __libc_malloc(size);
    return made != NULL ? with_huge_pages(made, size) : again_if_small(size);
}

void* calloc(size_t count, size_t size) {
    void* const made = __libc_calloc(count, size);
    if (made != NULL)
        return with_huge_pages(made, count * size);
    size_t bytes = 0;
    void* const again = __builtin_mul_overflow(count, size, &bytes) ? NULL : again_if_small(bytes);
    return again == NULL ? NULL : memset(again, 0, bytes);
}

/// In place where it fits; else a block of its own, so that the old one can be overwritten. Mappings are moved by the kernel.
void* realloc(void* memory, size_t size) {
    if (memory == NULL)
        return malloc(size);
    if (size == 0) {
        free(memory);
        return NULL;
    }
    const size_t head = head_of(memory);
    if (is_mapping(head))
        return is_denied(size) ? NULL : with_huge_pages(__libc_realloc(memory, size), size);
    const size_t old = usable_size(head);
    if (size <= old && size >= old / 2)
        return memory;
    void* const made = malloc(size);
    if (made == NULL)
        return NULL;
    memcpy(made, memory, old < size ? old : size);
    free(memory);
    return made;
}

void* memalign(size_t alignment, size_t size) { return __libc_memalign(alignment, size); }

void* aligned_alloc(size_t alignment, size_t size) { return __libc_memalign(alignment, size); }

int posix_memalign(void** memory, size_t alignment, size_t size) {
    void* const made = __libc_memalign(alignment, size);
    if (made == NULL)
        return ENOMEM;
    *memory = made;
    return 0;
}

#endif
