CREATE SCHEMA reactor_jobs;

ALTER SCHEMA reactor_jobs OWNER TO reactor_owner;

CREATE FUNCTION reactor_jobs.caller() RETURNS name
    LANGUAGE sql STABLE
    RETURN (CASE current_setting('role'::text) WHEN 'none'::text THEN (SESSION_USER)::text ELSE current_setting('role'::text) END)::name;

ALTER FUNCTION reactor_jobs.caller() OWNER TO reactor_owner;

CREATE FUNCTION reactor_jobs.check_payload(payload jsonb, body text) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    AS $_$
begin
  if octet_length(body) > 1048576 then
    perform reactor_jobs.refuse('payload', format('has %s bytes; at most 1048576 are allowed', octet_length(body)));
  end if;
  if payload @? 'strict $.**{63} ? (@.type() == "object" || @.type() == "array")' then
    perform reactor_jobs.refuse('payload', 'is nested deeper than 63');
  end if;
end $_$;

ALTER FUNCTION reactor_jobs.check_payload(payload jsonb, body text) OWNER TO reactor_owner;

CREATE FUNCTION reactor_jobs.duration_of(field text, given jsonb) RETURNS interval
    LANGUAGE plpgsql IMMUTABLE
    AS $_$
declare
  part text[] := regexp_match(given #>> '{}', '^([0-9]{1,15}(?:\.[0-9]{1,6})?)(ms|s|m|h|d|)$');
  ms numeric;
begin
  if jsonb_typeof(given) in ('number', 'string') then
    if part is not null then
      ms := part[1]::numeric * case part[2] when 's' then 1000 when 'm' then 60000 when 'h' then 3600000 when 'd' then 86400000 else 1 end;
    elsif given #>> '{}' ~ '^P(?=.)(\d{1,6}D)?(T(?=.)(\d{1,6}H)?(\d{1,6}M)?(\d{1,9}(\.\d{1,6})?S)?)?$' then
      ms := extract(epoch from (given #>> '{}')::interval) * 1000;
    end if;
  end if;
  if ms is null or ms > 36525 * 86400000::numeric then
    perform reactor_jobs.refuse(field, 'must be a duration such as 500ms, 30s, 5m, 24h, 7d, PT1H30M or a number of milliseconds, of at most 36525 days');
  end if;
  return ms * interval '1 millisecond';
end $_$;

ALTER FUNCTION reactor_jobs.duration_of(field text, given jsonb) OWNER TO reactor_owner;

CREATE FUNCTION reactor_jobs.emit(topic text, payload jsonb DEFAULT '{}'::jsonb, event_id text DEFAULT NULL::text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  caller name := reactor_jobs.caller();
  event text;
begin
  insert into reactor_jobs.request (org_id, kind, id, name, payload, role, made_at)
  select min(org), 'event', reactor_jobs.new_id('evt_'), topic, payload::text, caller, clock_timestamp() from reactor_jobs.orgs_of(caller) org
  where event_id is null and reactor_jobs.is_small(payload) and reactor_jobs.topic_fault(topic) is null
  having min(org) = max(org)
  returning id into event;
  if event is not null then
    return event;
  end if;
  if event_id is not null and not reactor_jobs.is_id('evt_', event_id) then
    perform reactor_jobs.refuse('event_id', 'must be evt_ and a ULID, such as evt_01JZ8Q5M3V7W9X2Y4Z6A8B0C1D');
  end if;
  return reactor_jobs.request_event(coalesce(event_id, reactor_jobs.new_id('evt_')), topic, payload);
end $$;

ALTER FUNCTION reactor_jobs.emit(topic text, payload jsonb, event_id text) OWNER TO reactor_owner;

CREATE FUNCTION reactor_jobs.grant_org(role regrole, org text, alone boolean DEFAULT false) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  lock table reactor_jobs.org_grant in share row exclusive mode;
  delete from reactor_jobs.org_grant g where not exists (select from pg_roles r where r.oid = g.role);
  if alone and exists (select from reactor_jobs.org_grant g where g.role = grant_org.role and g.org_id <> org) then
    raise exception 'role % acts for another org already', role using errcode = 'object_in_use',
      hint = format('The owner of the database can let it act for both: select reactor_jobs.grant_org(%L, %L)', role, org);
  end if;
  insert into reactor_jobs.org_grant (role, org_id, granted_at) values (role, org, clock_timestamp()) on conflict on constraint org_granted_once do nothing;
end $$;

ALTER FUNCTION reactor_jobs.grant_org(role regrole, org text, alone boolean) OWNER TO reactor_owner;

CREATE FUNCTION reactor_jobs.is_id(prefix text, id text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    RETURN (("left"(id, length(prefix)) = prefix) AND ((substr(id, (length(prefix) + 1)) COLLATE "C") ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'::text) AND (id !~ '_0{26}$'::text));

ALTER FUNCTION reactor_jobs.is_id(prefix text, id text) OWNER TO reactor_owner;

CREATE FUNCTION reactor_jobs.is_small(payload jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    RETURN (octet_length((payload)::text) < 128);

ALTER FUNCTION reactor_jobs.is_small(payload jsonb) OWNER TO reactor_owner;

CREATE FUNCTION reactor_jobs.job_fault(job text) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN ((job IS NULL) OR (length(job) > 128) OR ((job COLLATE "C") !~ '^[A-Za-z0-9][A-Za-z0-9._:/-]*$'::text)) THEN 'must begin with a letter or digit and hold at most 128 of A-Z a-z 0-9 . _ : / -'::text WHEN (job = ANY (ARRAY['jobs'::text, 'runs'::text, 'hooks'::text, 'webhooks'::text])) THEN 'is reserved (jobs, runs, hooks, webhooks)'::text ELSE NULL::text END;

ALTER FUNCTION reactor_jobs.job_fault(job text) OWNER TO reactor_owner;

CREATE FUNCTION reactor_jobs.new_id(prefix text) RETURNS text
    LANGUAGE plpgsql
    AS $$
declare
  digits constant text := '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  ms bigint := floor(extract(epoch from clock_timestamp()) * 1000);
  random text := translate(encode(uuid_send(gen_random_uuid()), 'base64'), 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', digits || digits);
begin
  return prefix || substr(digits, (ms >> 45 & 31)::int + 1, 1) || substr(digits, (ms >> 40 & 31)::int + 1, 1) || substr(digits, (ms >> 35 & 31)::int + 1, 1)
    || substr(digits, (ms >> 30 & 31)::int + 1, 1) || substr(digits, (ms >> 25 & 31)::int + 1, 1) || substr(digits, (ms >> 20 & 31)::int + 1, 1)
    || substr(digits, (ms >> 15 & 31)::int + 1, 1) || substr(digits, (ms >> 10 & 31)::int + 1, 1) || substr(digits, (ms >> 5 & 31)::int + 1, 1)
    || substr(digits, (ms & 31)::int + 1, 1) || substr(random, 1, 8) || substr(random, 12, 8);
end $$;

ALTER FUNCTION reactor_jobs.new_id(prefix text) OWNER TO reactor_owner;

CREATE FUNCTION reactor_jobs.org_of(caller name) RETURNS text
    LANGUAGE plpgsql STABLE
    AS $$
declare
  org text := (select min(org) from reactor_jobs.orgs_of(caller) org having min(org) = max(org));
begin
  if org is null then
    perform reactor_jobs.refuse_caller();
  end if;
  return org;
end $$;

ALTER FUNCTION reactor_jobs.org_of(caller name) OWNER TO reactor_owner;

CREATE FUNCTION reactor_jobs.orgs_of(caller name) RETURNS SETOF text
    LANGUAGE sql STABLE
    AS $$
  select g.org_id from reactor_jobs.org_grant g
  where pg_has_role(caller, g.role, 'usage') and g.org_id = coalesce(nullif(current_setting('reactor_jobs.org', true), ''), g.org_id)
$$;

ALTER FUNCTION reactor_jobs.orgs_of(caller name) OWNER TO reactor_owner;

CREATE FUNCTION reactor_jobs.priority_of(field text, given jsonb) RETURNS smallint
    LANGUAGE plpgsql IMMUTABLE
    AS $_$
declare
  named smallint := case when jsonb_typeof(given) = 'string' then
    case given #>> '{}' when 'low' then -10 when 'normal' then 0 when 'medium' then 5 when 'high' then 10 when 'critical' then 15 end end;
begin
  if named is not null then
    return named;
  end if;
  if jsonb_typeof(given) = 'number' and given #>> '{}' ~ '^-?\d{1,3}$' and (given #>> '{}')::int between -100 and 100 then
    return given #>> '{}';
  end if;
  perform reactor_jobs.refuse(field, 'must be low, normal, medium, high, critical or a whole number from -100 to 100');
end $_$;

ALTER FUNCTION reactor_jobs.priority_of(field text, given jsonb) OWNER TO reactor_owner;

CREATE FUNCTION reactor_jobs.refuse(field text, reason text) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
  raise exception '"%" %', field, reason using errcode = 'invalid_parameter_value', column = field;
end $$;

ALTER FUNCTION reactor_jobs.refuse(field text, reason text) OWNER TO reactor_owner;

CREATE FUNCTION reactor_jobs.refuse_caller() RETURNS void
    LANGUAGE plpgsql STABLE
    AS $_$
declare
  caller name := reactor_jobs.caller();
  wanted text := nullif(current_setting('reactor_jobs.org', true), '');
  orgs text[] := array(select distinct reactor_jobs.orgs_of(caller) order by 1);
begin
  if cardinality(orgs) = 0 then
    raise exception 'role "%" may not start jobs and emit events%', caller, case when wanted is null then '' else format(' of org "%s"', wanted) end using errcode = 'insufficient_privilege',
      hint = format('Let it: reactor sql grant %1$s; or, as owner of the database: select reactor_jobs.grant_org(%2$L, %3$L)', caller, quote_ident(caller), coalesce(wanted, 'the-org'));
  end if;
  raise exception 'role "%" acts for several orgs: %', caller, array_to_string(orgs, ', ') using errcode = 'invalid_parameter_value', column = 'reactor_jobs.org',
    hint = format('Say which: set local reactor_jobs.org = %L', orgs[1]);
end $_$;

ALTER FUNCTION reactor_jobs.refuse_caller() OWNER TO reactor_owner;

CREATE FUNCTION reactor_jobs.request_event(id text, topic text, payload jsonb) RETURNS text
    LANGUAGE plpgsql
    AS $$
declare
  caller name := reactor_jobs.caller();
  org text := reactor_jobs.org_of(caller);
  body text := coalesce(payload::text, 'null');
begin
  if reactor_jobs.topic_fault(topic) is not null then
    perform reactor_jobs.refuse('topic', reactor_jobs.topic_fault(topic));
  end if;
  perform reactor_jobs.check_payload(payload, body);
  insert into reactor_jobs.request (org_id, kind, id, name, payload, role, made_at) values (org, 'event', id, topic, body, caller, clock_timestamp());
  return id;
end $$;

ALTER FUNCTION reactor_jobs.request_event(id text, topic text, payload jsonb) OWNER TO reactor_owner;

CREATE FUNCTION reactor_jobs.request_run(id text, job text, payload jsonb, options jsonb) RETURNS text
    LANGUAGE plpgsql
    AS $$
declare
  caller name := reactor_jobs.caller();
  org text := reactor_jobs.org_of(caller);
  body text := coalesce(payload::text, 'null');
  made_at timestamptz := clock_timestamp();
  wanted record;
  known text;
begin
  if reactor_jobs.job_fault(job) is not null then
    perform reactor_jobs.refuse('job', reactor_jobs.job_fault(job));
  end if;
  perform reactor_jobs.check_payload(payload, body);
  select * into wanted from reactor_jobs.run_options(coalesce(options, '{}'), made_at);
  if wanted.idempotency_key is not null then
    known := reactor_jobs.run_of_key(id, org, job, body, wanted.idempotency_key, made_at);
  end if;
  if known is null or known = id then
    insert into reactor_jobs.request (org_id, kind, id, name, payload, role, made_at, run_at, priority, timeout_ms, idempotency_key)
    values (org, 'run', id, job, body, caller, made_at, wanted.run_at, coalesce(wanted.priority, 0), wanted.timeout_ms, wanted.idempotency_key);
  end if;
  return coalesce(known, id);
end $$;

ALTER FUNCTION reactor_jobs.request_run(id text, job text, payload jsonb, options jsonb) OWNER TO reactor_owner;

CREATE FUNCTION reactor_jobs.revoke_org(role regrole, org text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  delete from reactor_jobs.org_grant g where g.role = revoke_org.role and g.org_id = org;
  return found;
end $$;

ALTER FUNCTION reactor_jobs.revoke_org(role regrole, org text) OWNER TO reactor_owner;

CREATE FUNCTION reactor_jobs.run_of_key(id text, org text, job text, body text, idempotency_key text, made_at timestamp with time zone) RETURNS text
    LANGUAGE plpgsql
    AS $$
declare
  earlier record;
begin
  insert into reactor_jobs.idempotency as known (org_id, job, key, run_id, payload_hash, made_at)
  values (org, job, idempotency_key, id, sha256(convert_to(body, 'UTF8')), run_of_key.made_at)
  on conflict on constraint idempotency_one_run_per_key do update set
    run_id = case when known.made_at < excluded.made_at - interval '24 hours' then excluded.run_id else known.run_id end,
    payload_hash = case when known.made_at < excluded.made_at - interval '24 hours' then excluded.payload_hash else known.payload_hash end,
    made_at = case when known.made_at < excluded.made_at - interval '24 hours' then excluded.made_at else known.made_at end
  returning known.run_id, known.payload_hash into earlier;
  if earlier.run_id <> id and earlier.payload_hash <> sha256(convert_to(body, 'UTF8')) then
    perform reactor_jobs.refuse('options.idempotency_key', 'was used for another payload within the last 24 hours');
  end if;
  return earlier.run_id;
end $$;

ALTER FUNCTION reactor_jobs.run_of_key(id text, org text, job text, body text, idempotency_key text, made_at timestamp with time zone) OWNER TO reactor_owner;

CREATE FUNCTION reactor_jobs.run_options(options jsonb, made_at timestamp with time zone, OUT run_at timestamp with time zone, OUT priority smallint, OUT timeout_ms bigint, OUT idempotency_key text) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $_$
declare
  delay interval;
  option record;
  field text;
  given text[] := '{}';
begin
  if jsonb_typeof(options) <> 'object' then
    perform reactor_jobs.refuse('options', 'must be a JSON object');
  end if;
  for option in select key, value from jsonb_each(options) loop
    -- As the API, in both spellings.
    field := lower(regexp_replace(option.key, '([A-Z])', '_\1', 'g'));
    if field = any(given) then
      perform reactor_jobs.refuse('options.' || option.key, 'is given twice');
    end if;
    given := given || field;
    if field not in ('run_at', 'delay', 'priority', 'idempotency_key', 'timeout_ms') then
      perform reactor_jobs.refuse('options.' || option.key, 'is not a known option (run_at, delay, priority, idempotency_key, timeout_ms)');
    end if;
    continue when option.value = 'null';
    case field
      when 'run_at' then run_at := reactor_jobs.time_of('options.run_at', option.value);
      when 'delay' then delay := reactor_jobs.duration_of('options.delay', option.value);
      when 'priority' then priority := reactor_jobs.priority_of('options.priority', option.value);
      when 'timeout_ms' then
        if jsonb_typeof(option.value) <> 'number' or option.value #>> '{}' !~ '^[1-9]\d{0,14}$' then
          perform reactor_jobs.refuse('options.timeout_ms', 'must be a whole number of milliseconds from 1');
        end if;
        timeout_ms := option.value #>> '{}';
      when 'idempotency_key' then
        idempotency_key := option.value #>> '{}';
        if jsonb_typeof(option.value) <> 'string' or length(idempotency_key) not between 1 and 256 then
          perform reactor_jobs.refuse('options.idempotency_key', 'must be a string of 1 to 256 characters');
        end if;
    end case;
  end loop;
  if delay is not null then
    if run_at is not null then
      perform reactor_jobs.refuse('options.delay', 'cannot stand beside run_at');
    end if;
    run_at := made_at + delay;
  end if;
end $_$;

ALTER FUNCTION reactor_jobs.run_options(options jsonb, made_at timestamp with time zone, OUT run_at timestamp with time zone, OUT priority smallint, OUT timeout_ms bigint, OUT idempotency_key text) OWNER TO reactor_owner;

CREATE FUNCTION reactor_jobs.take_call() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  prefix text := case new.kind when 'run' then 'run_' else 'evt_' end;
begin
  if new.kind is null or new.kind not in ('run', 'event') then
    perform reactor_jobs.refuse('kind', 'must be run or event');
  end if;
  if new.id is not null and not reactor_jobs.is_id(prefix, new.id) then
    perform reactor_jobs.refuse('id', format('must be %s and a ULID', prefix));
  end if;
  new.id := coalesce(new.id, reactor_jobs.new_id(prefix));
  new.id := case new.kind
    when 'run' then reactor_jobs.request_run(new.id, new.name, new.payload, new.options)
    else reactor_jobs.request_event(new.id, new.name, new.payload) end;
  return new;
end $$;

ALTER FUNCTION reactor_jobs.take_call() OWNER TO reactor_owner;

CREATE FUNCTION reactor_jobs.time_of(field text, given jsonb) RETURNS timestamp with time zone
    LANGUAGE plpgsql STABLE
    AS $_$
declare
  written text := given #>> '{}';
begin
  if jsonb_typeof(given) = 'string' and written ~* '^\d{4}-\d\d-\d\d(T| )\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d(:?\d\d)?)?$' then
    begin
      return (written || case when written ~* '(Z|[+-]\d\d(:?\d\d)?)$' then '' else 'Z' end)::timestamptz;
    exception when data_exception then
    end;
  end if;
  perform reactor_jobs.refuse(field, 'must be a time as in RFC 3339, such as 2026-01-31T09:00:00Z');
end $_$;

ALTER FUNCTION reactor_jobs.time_of(field text, given jsonb) OWNER TO reactor_owner;

CREATE FUNCTION reactor_jobs.topic_fault(topic text) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN ((topic IS NULL) OR ((length(topic) < 1) OR (length(topic) > 256))) THEN 'must have 1 to 256 characters'::text WHEN ((topic COLLATE "C") ~ '[\u0001-\u001f\u007f-\u009f]'::text) THEN 'must not contain control characters'::text ELSE NULL::text END;

ALTER FUNCTION reactor_jobs.topic_fault(topic text) OWNER TO reactor_owner;

CREATE FUNCTION reactor_jobs.trigger(job text, payload jsonb DEFAULT '{}'::jsonb, options jsonb DEFAULT '{}'::jsonb) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  caller name := reactor_jobs.caller();
  run text;
begin
  insert into reactor_jobs.request (org_id, kind, id, name, payload, role, made_at)
  select min(org), 'run', reactor_jobs.new_id('run_'), job, payload::text, caller, clock_timestamp() from reactor_jobs.orgs_of(caller) org
  where options = '{}' and reactor_jobs.is_small(payload) and reactor_jobs.job_fault(job) is null
  having min(org) = max(org)
  returning id into run;
  return coalesce(run, reactor_jobs.request_run(reactor_jobs.new_id('run_'), job, payload, options));
end $$;

ALTER FUNCTION reactor_jobs.trigger(job text, payload jsonb, options jsonb) OWNER TO reactor_owner;

CREATE VIEW reactor_jobs.call AS
 SELECT NULL::text AS id,
    NULL::text AS kind,
    NULL::text AS name,
    NULL::jsonb AS payload,
    NULL::jsonb AS options
  WHERE false;

ALTER TABLE reactor_jobs.call OWNER TO reactor_owner;

CREATE TABLE reactor_jobs.idempotency (
    org_id text NOT NULL,
    job text NOT NULL,
    key text NOT NULL,
    run_id text NOT NULL,
    payload_hash bytea NOT NULL,
    made_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY reactor_jobs.idempotency FORCE ROW LEVEL SECURITY;

ALTER TABLE reactor_jobs.idempotency OWNER TO reactor_owner;

CREATE TABLE reactor_jobs.org_grant (
    role regrole NOT NULL,
    org_id text NOT NULL,
    granted_at timestamp with time zone NOT NULL,
    CONSTRAINT org_has_the_form_of_one CHECK ((org_id ~ '^[a-z0-9][a-z0-9_-]{0,62}$'::text))
);

ALTER TABLE ONLY reactor_jobs.org_grant FORCE ROW LEVEL SECURITY;

ALTER TABLE reactor_jobs.org_grant OWNER TO reactor_owner;

CREATE TABLE reactor_jobs.request (
    "position" bigint NOT NULL,
    org_id text NOT NULL,
    kind text NOT NULL,
    id text NOT NULL,
    name text NOT NULL,
    payload text NOT NULL,
    role text NOT NULL,
    made_at timestamp with time zone NOT NULL,
    run_at timestamp with time zone,
    priority smallint DEFAULT 0 NOT NULL,
    timeout_ms bigint,
    idempotency_key text,
    CONSTRAINT request_kind_is_known CHECK ((kind = ANY (ARRAY['run'::text, 'event'::text])))
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='2000', autovacuum_vacuum_insert_threshold='-1', autovacuum_vacuum_cost_delay='0');

ALTER TABLE ONLY reactor_jobs.request FORCE ROW LEVEL SECURITY;

ALTER TABLE reactor_jobs.request OWNER TO reactor_owner;

ALTER TABLE reactor_jobs.request ALTER COLUMN "position" ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME reactor_jobs.request_position_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE ONLY reactor_jobs.idempotency
    ADD CONSTRAINT idempotency_one_run_per_key PRIMARY KEY (org_id, job, key);

ALTER TABLE ONLY reactor_jobs.org_grant
    ADD CONSTRAINT org_granted_once PRIMARY KEY (role, org_id);

ALTER TABLE ONLY reactor_jobs.request
    ADD CONSTRAINT request_in_order PRIMARY KEY ("position");

CREATE INDEX idempotency_by_age ON reactor_jobs.idempotency USING btree (org_id, made_at);

CREATE INDEX idempotency_by_run ON reactor_jobs.idempotency USING btree (org_id, run_id);

CREATE TRIGGER take_call INSTEAD OF INSERT ON reactor_jobs.call FOR EACH ROW EXECUTE FUNCTION reactor_jobs.take_call();

CREATE POLICY functions ON reactor_jobs.idempotency TO reactor_owner USING (true) WITH CHECK (true);

CREATE POLICY functions ON reactor_jobs.org_grant TO reactor_owner USING (true) WITH CHECK (true);

CREATE POLICY functions ON reactor_jobs.request TO reactor_owner USING (true) WITH CHECK (true);

ALTER TABLE reactor_jobs.idempotency ENABLE ROW LEVEL SECURITY;

CREATE POLICY named_orgs ON reactor_jobs.idempotency USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY named_orgs ON reactor_jobs.org_grant USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY named_orgs ON reactor_jobs.request USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

ALTER TABLE reactor_jobs.org_grant ENABLE ROW LEVEL SECURITY;

ALTER TABLE reactor_jobs.request ENABLE ROW LEVEL SECURITY;

CREATE POLICY sweep ON reactor_jobs.idempotency FOR SELECT TO reactor_events_sweep USING (true);

CREATE POLICY sweep ON reactor_jobs.org_grant FOR SELECT TO reactor_events_sweep USING (true);

CREATE POLICY sweep ON reactor_jobs.request FOR SELECT TO reactor_events_sweep USING (true);

GRANT USAGE ON SCHEMA reactor_jobs TO PUBLIC;
GRANT USAGE ON SCHEMA reactor_jobs TO reactor_events;
GRANT USAGE ON SCHEMA reactor_jobs TO reactor_events_sweep;

REVOKE ALL ON FUNCTION reactor_jobs.caller() FROM PUBLIC;

REVOKE ALL ON FUNCTION reactor_jobs.check_payload(payload jsonb, body text) FROM PUBLIC;

REVOKE ALL ON FUNCTION reactor_jobs.duration_of(field text, given jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION reactor_jobs.grant_org(role regrole, org text, alone boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION reactor_jobs.grant_org(role regrole, org text, alone boolean) TO reactor_events;

REVOKE ALL ON FUNCTION reactor_jobs.is_id(prefix text, id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION reactor_jobs.is_small(payload jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION reactor_jobs.job_fault(job text) FROM PUBLIC;

REVOKE ALL ON FUNCTION reactor_jobs.new_id(prefix text) FROM PUBLIC;

REVOKE ALL ON FUNCTION reactor_jobs.org_of(caller name) FROM PUBLIC;

REVOKE ALL ON FUNCTION reactor_jobs.orgs_of(caller name) FROM PUBLIC;

REVOKE ALL ON FUNCTION reactor_jobs.priority_of(field text, given jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION reactor_jobs.refuse(field text, reason text) FROM PUBLIC;

REVOKE ALL ON FUNCTION reactor_jobs.refuse_caller() FROM PUBLIC;

REVOKE ALL ON FUNCTION reactor_jobs.request_event(id text, topic text, payload jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION reactor_jobs.request_run(id text, job text, payload jsonb, options jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION reactor_jobs.revoke_org(role regrole, org text) FROM PUBLIC;

REVOKE ALL ON FUNCTION reactor_jobs.run_of_key(id text, org text, job text, body text, idempotency_key text, made_at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION reactor_jobs.run_options(options jsonb, made_at timestamp with time zone, OUT run_at timestamp with time zone, OUT priority smallint, OUT timeout_ms bigint, OUT idempotency_key text) FROM PUBLIC;

REVOKE ALL ON FUNCTION reactor_jobs.take_call() FROM PUBLIC;

REVOKE ALL ON FUNCTION reactor_jobs.time_of(field text, given jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION reactor_jobs.topic_fault(topic text) FROM PUBLIC;

GRANT INSERT ON TABLE reactor_jobs.call TO PUBLIC;

GRANT SELECT,DELETE,UPDATE ON TABLE reactor_jobs.idempotency TO reactor_events;
GRANT SELECT ON TABLE reactor_jobs.idempotency TO reactor_events_sweep;

GRANT SELECT,DELETE ON TABLE reactor_jobs.org_grant TO reactor_events;
GRANT SELECT ON TABLE reactor_jobs.org_grant TO reactor_events_sweep;

GRANT SELECT,DELETE ON TABLE reactor_jobs.request TO reactor_events;
GRANT SELECT ON TABLE reactor_jobs.request TO reactor_events_sweep;
