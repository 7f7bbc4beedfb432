// The program's operator new: as the standard library's, which calls malloc(3), but without the
// reserve that malloc keeps for C code. Linked where wiping_heap.c is.
#include <cstddef>
#include <cstdlib>
#include <new>

extern "C" void* pep_allocate_or_fail(std::size_t size) noexcept; // wiping_heap.c

void* operator new(std::size_t size) {
    for (;;) {
        if (void* const made = pep_allocate_or_fail(size))
            return made;
        const std::new_handler handler = std::get_new_handler();
        if (handler == nullptr)
            throw std::bad_alloc();
        handler(); // throws when there is nothing left to give
    }
}

// The forms for arrays, and those that do not throw, come down to the one above.
void operator delete(void* memory) noexcept { std::free(memory); }

void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
