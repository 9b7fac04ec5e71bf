#include "CIPSecMB.h"

#if defined(__x86_64__) && __has_include(<intel-ipsec-mb.h>)
#include <intel-ipsec-mb.h>
#include <pthread.h>

static IMB_MGR *manager;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void set_up(void) {
  IMB_MGR *candidate = alloc_mb_mgr(0);
  if (candidate == NULL) return;
  IMB_ARCH arch;
  init_mb_mgr_auto(candidate, &arch);
  const uint64_t needed = IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ;
  if (imb_get_errno(candidate) != 0 || (candidate->features & needed) != needed) {
    free_mb_mgr(candidate);
    return;
  }
  manager = candidate;
}

int cipsecmb_available(void) {
  pthread_once(&once, set_up);
  return manager != NULL;
}

size_t cipsecmb_key_size(void) { return sizeof(struct gcm_key_data); }

void cipsecmb_expand(const uint8_t *key, void *expanded) {
  IMB_AES256_GCM_PRE(manager, key, (struct gcm_key_data *)expanded);
}

void cipsecmb_seal(const void *expanded, uint8_t *to, const uint8_t *from, size_t length, const uint8_t *nonce,
                   const uint8_t *aad, size_t aad_length, uint8_t *tag) {
  struct gcm_context_data context;
  IMB_AES256_GCM_ENC(manager, (const struct gcm_key_data *)expanded, &context, to, from, length,
                     nonce, aad, aad_length, tag, 16);
}

void cipsecmb_open(const void *expanded, uint8_t *to, const uint8_t *from, size_t length, const uint8_t *nonce,
                   const uint8_t *aad, size_t aad_length, uint8_t *tag) {
  struct gcm_context_data context;
  IMB_AES256_GCM_DEC(manager, (const struct gcm_key_data *)expanded, &context, to, from, length,
                     nonce, aad, aad_length, tag, 16);
}

#else

int cipsecmb_available(void) { return 0; }
size_t cipsecmb_key_size(void) { return 0; }
void cipsecmb_expand(const uint8_t *key, void *expanded) { __builtin_trap(); }
void cipsecmb_seal(const void *expanded, uint8_t *to, const uint8_t *from, size_t length, const uint8_t *nonce,
                   const uint8_t *aad, size_t aad_length, uint8_t *tag) {
  __builtin_trap();
}
void cipsecmb_open(const void *expanded, uint8_t *to, const uint8_t *from, size_t length, const uint8_t *nonce,
                   const uint8_t *aad, size_t aad_length, uint8_t *tag) {
  __builtin_trap();
}

#endif
