#include "hub_base.h"

#include "json_text.h"

int64_t hub_base_mono_ms(const struct hub_base *base)
{
	return base->config.mono_ms();
}

int64_t hub_base_wall_ms(const struct hub_base *base)
{
	return base->config.wall_ms();
}

void hub_base_begin(struct json_text *head, const char *name)
{
	json_text_init(head);
	json_text_start(head, '{');
	json_text_word(head, "command", name);
}

void hub_base_call(const struct hub_base *base, struct api_command *command,
		   struct json_text *head, const char *key)
{
	json_text_close(head, '}');
	command->head = head->buf.data;
	command->head_len = head->buf.len;
	base->config.call(command, key, base->config.user);
	json_text_done(head);
}
