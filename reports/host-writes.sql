-- title: Host writes by container
-- description: Which containers changed which files of the host, how often, and who is behind it
-- parameter: since  Only what happened at or after this time
-- parameter: until  Only what happened at or before this time
-- parameter: container  Only this container (its name or its whole id)
SELECT
	coalesce(container_name, container_id) AS container,
	container_runtime AS runtime,
	container_image AS image,
	path,
	count(*) FILTER (WHERE suppressed IS NULL) AS alerts,
	count(*) FILTER (WHERE suppressed IS NOT NULL) AS suppressed, -- kept quiet by a rule, see auditmon.suppress(5)
	max(time) AS last,
	-- A login below a daemon was set by the container itself, if at all: there only the launcher counts.
	coalesce(group_concat(DISTINCT
		CASE WHEN flag_bits & 2 -- daemon-spawned
			THEN coalesce(launcher_login, 'auid ' || launcher_auid) || ' (' || launcher_confidence || ')'
			ELSE coalesce(login, 'auid ' || auid)
		END), 'unknown') AS who
FROM touch
WHERE flag_bits <> 0
	AND flag_bits & 1 -- host-write; the numbers of flags never change
	AND (:since IS NULL OR time_msec >= :since)
	AND (:until IS NULL OR time_msec <= :until)
	AND (:container IS NULL OR container_name = :container OR container_id = :container)
GROUP BY container_id, container_runtime, path
ORDER BY alerts DESC, suppressed DESC, last DESC;
