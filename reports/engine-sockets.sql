-- title: Who uses the engine sockets
-- description: Clients of the container engines' sockets, by login, program and where they run
-- parameter: since  Only what happened at or after this time
-- parameter: until  Only what happened at or before this time
SELECT
	path AS socket,
	coalesce(login, CASE WHEN auid IS NULL THEN 'unset' ELSE 'auid ' || auid END) AS login,
	coalesce(user, 'uid ' || uid) AS user,
	exe AS program,
	coalesce(container_name, container_id, 'host') AS container,
	count(*) AS connections,
	count(*) FILTER (WHERE NOT success) AS failed,
	count(*) FILTER (WHERE suppressed IS NOT NULL) AS suppressed, -- alerts that a rule keeps quiet
	min(time) AS first,
	max(time) AS last
FROM touch
WHERE action = 'connect'
	AND (:since IS NULL OR time_msec >= :since)
	AND (:until IS NULL OR time_msec <= :until)
GROUP BY 1, 2, 3, 4, 5
ORDER BY connections DESC, last DESC;
