/* SPDX-License-Identifier: ISC */
/* What libssh.a wants of GSSAPI. Nothing here offers that method, connection.c refuses it before
 * libssh comes to call any of these, and so Kerberos and its seven libraries stay out of a process
 * that listens to strangers. */

#ifdef WITH_LIBSSH_INTERNALS

enum { GSS_S_UNAVAILABLE = 16 << 16 }; /* RFC 2744 section 3.9.1 */

#define UNAVAILABLE(name)         \
    unsigned name(void);          \
    unsigned name(void)           \
    {                             \
        return GSS_S_UNAVAILABLE; \
    }

UNAVAILABLE(gss_accept_sec_context)
UNAVAILABLE(gss_acquire_cred)
UNAVAILABLE(gss_add_oid_set_member)
UNAVAILABLE(gss_create_empty_oid_set)
UNAVAILABLE(gss_delete_sec_context)
UNAVAILABLE(gss_display_name)
UNAVAILABLE(gss_display_status)
UNAVAILABLE(gss_get_mic)
UNAVAILABLE(gss_import_name)
UNAVAILABLE(gss_indicate_mechs)
UNAVAILABLE(gss_init_sec_context)
UNAVAILABLE(gss_inquire_cred)
UNAVAILABLE(gss_inquire_cred_by_mech)
UNAVAILABLE(gss_release_buffer)
UNAVAILABLE(gss_release_cred)
UNAVAILABLE(gss_release_name)
UNAVAILABLE(gss_release_oid)
UNAVAILABLE(gss_release_oid_set)
UNAVAILABLE(gss_test_oid_set_member)
UNAVAILABLE(gss_verify_mic)

extern void *const GSS_C_NT_HOSTBASED_SERVICE;
extern void *const GSS_C_NT_USER_NAME;
void *const GSS_C_NT_HOSTBASED_SERVICE = 0;
void *const GSS_C_NT_USER_NAME = 0;

#else
typedef int gssapi_is_in_libssh; /* no file is empty, in C */
#endif
