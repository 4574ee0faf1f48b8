/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct tls {
	gnutls_certificate_credentials_t credentials;
	gnutls_session_t session; /* NULL: no connection */
	char reason[256];
};

static int fail(struct tls *tls, int code)
{
	unsigned status = tls->session ? gnutls_session_get_verify_cert_status(tls->session) : 0;
	gnutls_datum_t text = { 0 };

	if (code == GNUTLS_E_MEMORY_ERROR)
		return -ENOMEM;
	snprintf(tls->reason, sizeof(tls->reason), "%s", gnutls_strerror(code));
	if (code != GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR)
		return code == GNUTLS_E_PUSH_ERROR || code == GNUTLS_E_PULL_ERROR ? -ECONNRESET
										  : -EPROTO;
	if (gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &text, 0) == 0) {
		snprintf(tls->reason, sizeof(tls->reason), "%s", (char *)text.data);
		gnutls_free(text.data);
	}
	return -EKEYREJECTED;
}

static int load(struct tls *tls, const struct tls_files *files)
{
	const char *file = files->ca ? files->ca : "the system's authorities";
	int code = files->ca ? gnutls_certificate_set_x509_trust_file(
				       tls->credentials, files->ca, GNUTLS_X509_FMT_PEM)
			     : gnutls_certificate_set_x509_system_trust(tls->credentials);

	/* How many there are. */
	if (code == 0)
		code = GNUTLS_E_NO_CERTIFICATE_FOUND;
	if (code > 0 && files->certificate) {
		file = files->certificate;
		code = gnutls_certificate_set_x509_key_file(
			tls->credentials, files->certificate, files->key, GNUTLS_X509_FMT_PEM);
	}
	if (code >= 0)
		return 0;
	snprintf(tls->reason, sizeof(tls->reason), "%s: %s", file, gnutls_strerror(code));
	return -EBADMSG;
}

int tls_new(const struct tls_files *files, struct tls **ret)
{
	struct tls *tls = calloc(1, sizeof(*tls));

	if (!tls || gnutls_certificate_allocate_credentials(&tls->credentials) < 0) {
		free(tls);
		return -ENOMEM;
	}
	*ret = tls;
	return load(tls, files);
}

void tls_end(struct tls *tls)
{
	if (tls->session)
		gnutls_deinit(tls->session);
	tls->session = NULL;
}

void tls_free(struct tls *tls)
{
	if (!tls)
		return;
	tls_end(tls);
	gnutls_certificate_free_credentials(tls->credentials);
	free(tls);
}

static bool is_address(const char *host)
{
	char address[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

int tls_begin(struct tls *tls, int fd, const char *host)
{
	int code = gnutls_init(&tls->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);

	if (code == 0)
		code = gnutls_set_default_priority(tls->session);
	if (code == 0)
		code = gnutls_credentials_set(
			tls->session, GNUTLS_CRD_CERTIFICATE, tls->credentials);
	if (code == 0 && !is_address(host))
		code = gnutls_server_name_set(tls->session, GNUTLS_NAME_DNS, host, strlen(host));
	if (code < 0)
		return fail(tls, code);
	gnutls_session_set_verify_cert(tls->session, host, 0);
	gnutls_transport_set_int(tls->session, fd);
	return 0;
}

/* What to wait for where code is no failure. */
static int again_or_fail(struct tls *tls, int code, short *ret_events)
{
	if (gnutls_error_is_fatal(code))
		return fail(tls, code);
	*ret_events = gnutls_record_get_direction(tls->session) ? POLLOUT : POLLIN;
	return -EAGAIN;
}

int tls_handshake(struct tls *tls, short *ret_events)
{
	int code = gnutls_handshake(tls->session);

	return code == 0 ? 0 : again_or_fail(tls, code, ret_events);
}

long tls_send(struct tls *tls, const void *bytes, size_t len, short *ret_events)
{
	ssize_t n = gnutls_record_send(tls->session, bytes, len);

	return n >= 0 ? n : again_or_fail(tls, (int)n, ret_events);
}

long tls_receive(struct tls *tls, void *bytes, size_t len, short *ret_events)
{
	ssize_t n = gnutls_record_recv(tls->session, bytes, len);

	/* Many a receiver closes without a word of farewell; how it closed is TCP's to say. */
	if (n == GNUTLS_E_PREMATURE_TERMINATION)
		return 0;
	return n >= 0 ? n : again_or_fail(tls, (int)n, ret_events);
}

int tls_bye(struct tls *tls, short *ret_events)
{
	int code = gnutls_bye(tls->session, GNUTLS_SHUT_WR);

	return code == 0 ? 0 : again_or_fail(tls, code, ret_events);
}

const char *tls_reason(const struct tls *tls)
{
	return tls->reason;
}
