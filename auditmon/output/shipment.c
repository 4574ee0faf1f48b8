/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/shipment.h"

#include <errno.h>
#include <string.h>

/* A text that is written over and over. */
struct page {
	FILE *out;
	char *text;
	size_t len;
};

struct shipment {
	const struct format *format;
	struct syslog_options options;
	bool is_syslog; /* the format is syslog itself: no document within */
	struct page document, message;
};

static int page_init(struct page *page)
{
	page->out = open_memstream(&page->text, &page->len);
	return page->out ? 0 : -ENOMEM;
}

static void page_done(struct page *page)
{
	if (page->out)
		fclose(page->out);
	free(page->text);
}

static void page_begin(struct page *page)
{
	rewind(page->out);
}

/* The text ends here, whatever stood there before. */
static int page_end(struct page *page)
{
	fputc('\0', page->out);
	return fflush(page->out) == 0 && !ferror(page->out) ? 0 : -ENOMEM;
}

int shipment_new(
	const struct format *format, const struct syslog_options *options, struct shipment **ret)
{
	_cleanup_(shipment_freep) struct shipment *shipment = calloc(1, sizeof(*shipment));
	int r;

	if (!shipment)
		return -ENOMEM;
	shipment->format = format;
	shipment->options = *options;
	shipment->is_syslog = format->print == syslog_format_print;
	r = page_init(&shipment->document);
	r = r < 0 ? r : page_init(&shipment->message);
	if (r < 0)
		return r;
	*ret = TAKE(shipment);
	return 0;
}

void shipment_free(struct shipment *shipment)
{
	if (!shipment)
		return;
	page_done(&shipment->document);
	page_done(&shipment->message);
	free(shipment);
}

static int make_message(struct shipment *shipment, const struct record *record, unsigned index)
{
	const char *document = NULL;
	int r = 0;

	if (!shipment->is_syslog) {
		page_begin(&shipment->document);
		shipment->format->print(shipment->document.out, record, index);
		r = page_end(&shipment->document);
		document = shipment->document.text;
	}
	if (r < 0)
		return r;
	page_begin(&shipment->message);
	syslog_print(shipment->message.out, record, document, &shipment->options);
	return page_end(&shipment->message);
}

static int send_message(struct shipment *shipment, struct link *link, const struct record *record,
	bool *ret_oversize)
{
	struct page *message = &shipment->message;
	size_t len = strlen(message->text);
	int r = link_send(link, message->text, len);

	if (r != -EMSGSIZE)
		return r;
	*ret_oversize = true;
	page_begin(message);
	syslog_print_oversize(message->out, record, len, &shipment->options);
	r = page_end(message);
	return r < 0 ? r : link_send(link, message->text, strlen(message->text));
}

int shipment_send(struct shipment *shipment, struct link *link, const struct touch *touch,
	const char *json, bool *ret_oversize)
{
	_cleanup_(freep) char *id = touch_id(touch);
	const struct record record = { .touch = touch, .id = id, .json = json };
	int r = id ? 0 : -ENOMEM;

	*ret_oversize = false;
	for (unsigned i = 0; i < format_count(shipment->format, touch) && r == 0; i++) {
		r = make_message(shipment, &record, i);
		r = r < 0 ? r : send_message(shipment, link, &record, ret_oversize);
	}
	return r;
}

int shipment_print(
	struct shipment *shipment, FILE *out, const struct touch *touch, const char *json)
{
	_cleanup_(freep) char *id = touch_id(touch);
	const struct record record = { .touch = touch, .id = id, .json = json };

	if (!id)
		return -ENOMEM;
	for (unsigned i = 0; i < format_count(shipment->format, touch); i++) {
		if (shipment->is_syslog)
			syslog_print(out, &record, NULL, &shipment->options);
		else
			shipment->format->print(out, &record, i);
		fputc('\n', out);
	}
	return ferror(out) ? -EIO : 0;
}
