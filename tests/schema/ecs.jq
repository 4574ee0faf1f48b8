# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is wrong with ECS documents, one line each: jq -n -r --slurpfile fields FIELDS -f ecs.jq DOCUMENTS
# FIELDS is ecs_flat.yml through ecs-fields.awk. Our own fields are below auditmon., Auditbeat's is user.audit.

($fields | map({ key: .name, value: . }) | from_entries) as $ecs |

def own: startswith("auditmon.") or startswith("user.audit.");

def fits($named):
	if $named == "long" then type == "number" and . == floor
	elif $named == "boolean" then type == "boolean"
	elif $named == "date" then type == "string" and test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$")
	else type == "string" end;

# The leaves as [name, value]; an array is a leaf.
def leaves($prefix):
	to_entries[] | "\($prefix)\(.key)" as $name |
	if .value | type == "object" then .value | leaves("\($name).") else [$name, .value] end;

inputs | . as $document |
(leaves("") | . as [$name, $value] | select($name | own | not) | $ecs[$name] as $field |
	if $field == null then "\($name): no such field"
	elif $field.array != ($value | type == "array") then "\($name): array or not"
	else
		($value | if type == "array" then .[] else . end) |
		if fits($field.type) | not then "\($name): no \($field.type)"
		elif $field.allowed and (. as $one | $field.allowed | index($one) == null) then "\($name): \(.) is not allowed"
		else empty end
	end),
($document.event.category[0] as $category | $document.event.type[] as $type |
	$ecs["event.category"].types[$category] as $types |
	select($types and ($types | index($type) == null)) | "event.type \($type) is not one of category \($category)"),
(select($document["@timestamp"] == null or $document.ecs.version == null) | "@timestamp, ecs.version: required")
