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
