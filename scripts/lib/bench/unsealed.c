/* Benchmark only: loaded before libipsec-mb (LD_PRELOAD) it takes the cipher out of AES-256-GCM and
 * leaves everything else of the packet path as it is, so that what sealing costs can be measured.
 * No build of ipv8-tun contains it; docs/decisions/unsealed-baseline.md says why it is done so. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <intel-ipsec-mb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The same tag at both ends: the opener's comparison succeeds. */
static void copy(const struct gcm_key_data *key, struct gcm_context_data *context, uint8_t *to,
                 const uint8_t *from, uint64_t length, const uint8_t *nonce, const uint8_t *aad,
                 uint64_t aad_length, uint8_t *tag, uint64_t tag_length) {
  (void)key, (void)context, (void)nonce, (void)aad, (void)aad_length;
  if (to != from) memmove(to, from, length);
  memset(tag, 0x5a, tag_length);
}

void init_mb_mgr_auto(IMB_MGR *manager, IMB_ARCH *arch) {
  void (*real)(IMB_MGR *, IMB_ARCH *) =
      (void (*)(IMB_MGR *, IMB_ARCH *))dlsym(RTLD_NEXT, "init_mb_mgr_auto");
  if (real == NULL) abort();
  real(manager, arch);
  manager->gcm256_enc = copy;
  manager->gcm256_dec = copy;
  fputs("bench: interposed: records are not sealed\n", stderr);
}
