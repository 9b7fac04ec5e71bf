// AES-256-GCM of libipsec-mb, which is all macros over function pointers and so invisible to Swift.
// Where the library does not exist (other than x86-64), cipsecmb_available() returns 0 and nothing
// else may be called.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// 1 when this CPU runs libipsec-mb's AES-GCM, else 0. Thread-safe; the first call sets it up.
int cipsecmb_available(void);

/// Bytes of an expanded key; it must be aligned to 64.
size_t cipsecmb_key_size(void);

/// Expands a 32-byte key into cipsecmb_key_size() bytes.
void cipsecmb_expand(const uint8_t *key, void *expanded);

/// Encrypts `length` bytes, in place where `to` is `from`, and writes the 16-byte tag. The nonce has
/// 12 bytes.
void cipsecmb_seal(const void *expanded, uint8_t *to, const uint8_t *from, size_t length, const uint8_t *nonce,
                   const uint8_t *aad, size_t aad_length, uint8_t *tag);

/// Decrypts `length` bytes, in place where `to` is `from`, and writes the tag that the caller compares
/// in constant time.
void cipsecmb_open(const void *expanded, uint8_t *to, const uint8_t *from, size_t length, const uint8_t *nonce,
                   const uint8_t *aad, size_t aad_length, uint8_t *tag);
