#include "hub_base.h"

#include "json.h"

int64_t hub_base_mono_ms(const struct hub_base *base)
{
	return base->config.mono_ms();
}

int64_t hub_base_wall_ms(const struct hub_base *base)
{
	return base->config.wall_ms();
}

void hub_base_call(const struct hub_base *base, struct api_command *command,
		   struct json_object *head, const char *key)
{
	command->head = json_print(head, &command->head_len);
	base->config.call(command, key, base->config.user);
	json_free(head);
}
