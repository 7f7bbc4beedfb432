// The program's free(3) and realloc(3): memory is overwritten before it is freed, so that no plaintext, passphrase or key
// stays in it, whichever container, JSON value or library had it there. glibc looks these names up in the program first,
// for all libraries ("Replacing malloc" in its manual), and offers its own under the names used here. Linked into the
// daemon's program alone, and not where a sanitizer has an allocator of its own.
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef __GLIBC__

void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* memory, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
void __libc_free(void* memory);

/// Big blocks are mappings of their own, which the kernel takes back and clears: glibc marks them in the size before the block.
static int is_mapping(const void* memory) {
    const size_t mark = 2; // IS_MMAPPED
    size_t head = 0;
    memcpy(&head, (const char*)memory - sizeof head, sizeof head);
    return (head & mark) != 0;
}

void free(void* memory) {
    if (memory == NULL)
        return;
    const int kept = errno;
    if (!is_mapping(memory))
        explicit_bzero(memory, malloc_usable_size(memory));
    __libc_free(memory);
    errno = kept;
}

void* malloc(size_t size) { return __libc_malloc(size); }

void* calloc(size_t count, size_t size) { return __libc_calloc(count, size); }

/// In place where it fits; else a block of its own, so that the old one can be overwritten. Mappings are moved by the kernel.
void* realloc(void* memory, size_t size) {
    if (memory == NULL)
        return __libc_malloc(size);
    if (size == 0) {
        free(memory);
        return NULL;
    }
    if (is_mapping(memory))
        return __libc_realloc(memory, size);
    const size_t old = malloc_usable_size(memory);
    if (size <= old && size >= old / 2)
        return memory;
    void* const made = __libc_malloc(size);
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
