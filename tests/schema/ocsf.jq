# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is wrong with OCSF documents, one line each: jq -n -r --slurpfile schema ocsf-1.5.0.json -f ocsf.jq DOCUMENTS
# The schema is the compiled export. Checked: class, unknown and required attributes (those of a profile only where
# the document names it), deprecated ones, types, lengths, arrays, enums and the names beside them, constraints, type_uid, and that
# nothing is null.

$schema[0] as $ocsf |
($ocsf.classes | map({ key: (.uid | tostring), value: . }) | from_entries) as $classes |

# The basic type of a named one: string_t, integer_t, ...
def basic($named): ($ocsf.types[$named].type // $named);

def fits($named):
	basic($named) as $basic |
	if $basic == "string_t" then type == "string"
	elif $basic == "integer_t" or $basic == "long_t" or $basic == "timestamp_t" then type == "number" and . == floor
	elif $basic == "float_t" then type == "number"
	elif $basic == "boolean_t" then type == "boolean"
	elif $basic == "json_t" then true
	else false end;

def matches($named):
	$ocsf.types[$named].regex as $regex |
	if $regex and type == "string" then test($regex) else true end;

def active($profiles): .profile == null or (.profile as $p | $profiles | index($p) != null);

def check_object($attributes; $constraints; $profiles; $where):
	. as $object |
	if type != "object" then "\($where): no object" else
		(keys_unsorted[] | select($attributes[.] == null) | "\($where).\(.): no such attribute"),
		(to_entries[] | select(.value == null) | "\($where).\(.key): null"),
		(keys_unsorted[] | select($attributes[.]["@deprecated"] != null) | "\($where).\(.): deprecated"),
		# What an enum is called stands beside it; of what is not in it (99) the source has the name.
		(to_entries[] | .key as $key | $attributes[$key] as $attribute |
			select($attribute.sibling and $attribute.enum and .value != 99 and $object[$attribute.sibling] != null) |
			select($attribute.enum[.value | tostring].caption != $object[$attribute.sibling]) |
			"\($where).\($attribute.sibling): not the name of \($key) \(.value)"),
		(keys_unsorted[] | select($attributes[.] != null and ($attributes[.] | active($profiles) | not)) |
			"\($where).\(.): of a profile that the document does not name"),
		($attributes | to_entries[] |
			select(.value.requirement == "required" and (.value | active($profiles)) and $object[.key] == null) |
			"\($where).\(.key): required"),
		(($constraints // {}).at_least_one // [] | select(length > 0) |
			select(map($object[.] != null) | any | not) | "\($where): none of \(join(", "))"),
		(($constraints // {}).just_one // [] | select(length > 0) |
			select(map(select($object[.] != null)) | length != 1) | "\($where): not exactly one of \(join(", "))"),
		(to_entries[] | select($attributes[.key] != null) |
			.key as $key | $attributes[$key] as $attribute |
			if ($attribute.is_array // false) != (.value | type == "array") then "\($where).\($key): array or not"
			else
				(.value | if type == "array" then .[] else . end) |
				if $attribute.object_type and $attribute.object_type != "object" then
					check_object($ocsf.objects[$attribute.object_type].attributes;
						$ocsf.objects[$attribute.object_type].constraints; $profiles; "\($where).\($key)")
				elif $attribute.object_type == "object" or $attribute.type == "object" then empty
				elif fits($attribute.type) | not then "\($where).\($key): no \($attribute.type)"
				elif $ocsf.types[$attribute.type].max_len and length > $ocsf.types[$attribute.type].max_len then "\($where).\($key): too long"
				elif matches($attribute.type) | not then "\($where).\($key): not as \($attribute.type) is written"
				elif $attribute.enum and ($attribute.enum[tostring] == null) then "\($where).\($key): not in the enum"
				else empty end
			end)
	end;

inputs |
$classes[.class_uid | tostring] as $class |
if $class == null then "no such class: \(.class_uid)" else
	(select(.type_uid != .class_uid * 100 + .activity_id) | "type_uid"),
	(select(.category_uid != ($class.category_uid // (.class_uid / 1000 | floor))) | "category_uid"),
	check_object($class.attributes; $class.constraints; .metadata.profiles // []; $class.name)
end
