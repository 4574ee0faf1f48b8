# SPDX-License-Identifier: GPL-2.0-or-later
#
# ecs_flat.yml as JSON Lines: {"name":...,"type":...,"array":bool,"allowed":[...]|null,"types":{category: [type]}}
function flush_field() {
	if (name == "")
		return
	if (value != "")
		close_value()
	printf "{\"name\":\"%s\",\"type\":\"%s\",\"array\":%s,\"allowed\":%s,\"types\":{%s}}\n", name, type, array,
		allowed == "" ? "null" : "[" allowed "]", types
}
function close_value() {
	allowed = allowed (allowed == "" ? "" : ",") "\"" value "\""
	if (expected != "")
		types = types (types == "" ? "" : ",") "\"" value "\":[" expected "]"
	value = expected = ""
}
/^[^ #]/ {
	flush_field()
	name = $1
	sub(/:$/, "", name)
	gsub(/'/, "", name)
	type = ""
	array = "false"
	allowed = types = value = expected = section = ""
	next
}
/^  [a-z_]+:/ {
	section = $1
	if ($1 == "type:")
		type = $2
	next
}
section == "normalize:" && /^  - array/ { array = "true" }
section == "allowed_values:" && /^  - / { if (value != "") close_value(); inner = "" }
section == "allowed_values:" && /^    [a-z_]+:|^  - [a-z_]+:/ { inner = $1 == "-" ? $2 : $1 }
section == "allowed_values:" && /^    name:/ { value = $2 }
section == "allowed_values:" && /^  - name:/ { value = $3 }
section == "allowed_values:" && inner == "expected_event_types:" && /^    - / {
	expected = expected (expected == "" ? "" : ",") "\"" $2 "\""
}
END { flush_field() }
