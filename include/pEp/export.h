/* Linkage of the C API. */
#pragma once

#ifdef __cplusplus
#define PEP_BEGIN_DECLS extern "C" {
#define PEP_END_DECLS }
#else
#define PEP_BEGIN_DECLS
#define PEP_END_DECLS
#endif

#if defined(__GNUC__)
#define PEP_API __attribute__((visibility("default")))
#else
#define PEP_API
#endif

/* A C program may pass any int where an enumeration is declared; to C++ that is fine only with a fixed
 * underlying type. The size is the same. */
#ifdef __cplusplus
#define PEP_INT_ENUM : int
#else
#define PEP_INT_ENUM
#endif
