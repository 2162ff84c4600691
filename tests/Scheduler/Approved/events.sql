CREATE SCHEMA events;

ALTER SCHEMA events OWNER TO reactor_owner;

CREATE FUNCTION events.as_jsonb(json text) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
begin
  return json::jsonb;
exception when data_exception or program_limit_exceeded then
  return to_jsonb(json);
end $$;

ALTER FUNCTION events.as_jsonb(json text) OWNER TO reactor_owner;

CREATE FUNCTION events.id_text(prefix text, id uuid) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (prefix || (SELECT string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ'::text, (1 + ((SUBSTRING(x.bits FROM (1 + (5 * digit.digit)) FOR 5))::bit(5))::integer), 1), ''::text ORDER BY digit.digit) AS string_agg FROM (SELECT (('00'::"bit")::bit varying || ((('x'::text || replace((id_text.id)::text, '-'::text, ''::text)))::bit(128))::bit varying) AS bits) x, generate_series(0, 25) digit(digit)));

ALTER FUNCTION events.id_text(prefix text, id uuid) OWNER TO reactor_owner;

CREATE FUNCTION events.wait_for_calls(look_every interval, patience interval) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare
  until timestamptz := clock_timestamp() + patience;
begin
  while not exists (select from reactor_jobs.request) and clock_timestamp() < until loop
    perform pg_sleep_for(look_every);
  end loop;
end $$;

ALTER FUNCTION events.wait_for_calls(look_every interval, patience interval) OWNER TO reactor_owner;

CREATE TABLE events.event (
    org_id text NOT NULL,
    id uuid NOT NULL,
    topic text NOT NULL,
    payload text NOT NULL,
    source_run uuid,
    emitted_at timestamp with time zone NOT NULL,
    stored_at timestamp with time zone NOT NULL,
    deliveries integer NOT NULL,
    CONSTRAINT event_deliveries_are_counted CHECK ((deliveries >= 0)),
    CONSTRAINT event_topic_has_1_to_256_characters CHECK (((char_length(topic) >= 1) AND (char_length(topic) <= 256)))
);

ALTER TABLE ONLY events.event FORCE ROW LEVEL SECURITY;

ALTER TABLE events.event OWNER TO reactor_owner;

CREATE TABLE events.refusal (
    org_id text NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    payload text NOT NULL,
    trigger_kind text NOT NULL,
    code text NOT NULL,
    reason text NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    refused_at timestamp with time zone NOT NULL,
    CONSTRAINT refusal_kind_is_known CHECK ((kind = ANY (ARRAY['run'::text, 'event'::text])))
);

ALTER TABLE ONLY events.refusal FORCE ROW LEVEL SECURITY;

ALTER TABLE events.refusal OWNER TO reactor_owner;

CREATE TABLE events.catch_up (
    org_id text NOT NULL,
    trigger_id text NOT NULL,
    after_at timestamp with time zone NOT NULL,
    after_id uuid NOT NULL,
    until_at timestamp with time zone NOT NULL,
    until_id uuid NOT NULL,
    last_message uuid,
    done boolean NOT NULL,
    created_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY events.catch_up FORCE ROW LEVEL SECURITY;

ALTER TABLE events.catch_up OWNER TO reactor_owner;

CREATE TABLE events.data_trigger (
    org_id text NOT NULL,
    trigger_id text NOT NULL,
    name text NOT NULL,
    table_schema text NOT NULL,
    table_name text NOT NULL,
    operations text[] NOT NULL,
    condition text,
    job text NOT NULL,
    from_lsn pg_lsn NOT NULL,
    confirmed boolean DEFAULT false NOT NULL,
    problem text,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT data_trigger_has_operations CHECK (((operations <@ '{insert,update,delete}'::text[]) AND (cardinality(operations) > 0)))
);

ALTER TABLE ONLY events.data_trigger FORCE ROW LEVEL SECURITY;

ALTER TABLE events.data_trigger OWNER TO reactor_owner;

CREATE TABLE events.delivery (
    org_id text NOT NULL,
    event_id uuid NOT NULL,
    trigger_id text NOT NULL,
    run_id uuid NOT NULL,
    job text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    replay uuid DEFAULT '00000000-0000-0000-0000-000000000000'::uuid NOT NULL
);

ALTER TABLE ONLY events.delivery FORCE ROW LEVEL SECURITY;

ALTER TABLE events.delivery OWNER TO reactor_owner;

CREATE TABLE events.migration (
    "MigrationId" character varying(150) NOT NULL,
    "ProductVersion" character varying(32) NOT NULL
);

ALTER TABLE events.migration OWNER TO reactor_owner;

CREATE TABLE events.outbox (
    org_id text NOT NULL,
    id uuid NOT NULL,
    queue text NOT NULL,
    body bytea NOT NULL,
    expires_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY events.outbox FORCE ROW LEVEL SECURITY;

ALTER TABLE events.outbox OWNER TO reactor_owner;

CREATE TABLE events.replay (
    org_id text NOT NULL,
    event_id uuid NOT NULL,
    id uuid NOT NULL,
    triggers text[],
    created_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY events.replay FORCE ROW LEVEL SECURITY;

ALTER TABLE events.replay OWNER TO reactor_owner;

CREATE TABLE events.subscription (
    org_id text NOT NULL,
    trigger_id text NOT NULL,
    topic text NOT NULL,
    job text NOT NULL,
    created_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY events.subscription FORCE ROW LEVEL SECURITY;

ALTER TABLE events.subscription OWNER TO reactor_owner;

CREATE TABLE events.watch (
    org_id text NOT NULL,
    name text NOT NULL,
    slot text NOT NULL,
    made boolean DEFAULT false NOT NULL,
    commit_lsn pg_lsn DEFAULT '0/0'::pg_lsn NOT NULL,
    taken bigint DEFAULT 0 NOT NULL,
    committed_at timestamp with time zone,
    messages uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    state text DEFAULT 'starting'::text NOT NULL,
    problem text,
    lag_bytes bigint,
    lag_seconds double precision,
    slot_state text,
    looked_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT watch_slot_is_a_slot_name CHECK ((slot ~ '^[a-z0-9_]{1,63}$'::text)),
    CONSTRAINT watch_state_is_known CHECK ((state = ANY (ARRAY['starting'::text, 'streaming'::text, 'failing'::text]))),
    CONSTRAINT watch_taken_is_a_count CHECK ((taken >= 0))
);

ALTER TABLE ONLY events.watch FORCE ROW LEVEL SECURITY;

ALTER TABLE events.watch OWNER TO reactor_owner;

CREATE TABLE events.watch_gap (
    org_id text NOT NULL,
    name text NOT NULL,
    from_lsn pg_lsn NOT NULL,
    until_lsn pg_lsn NOT NULL,
    reason text NOT NULL,
    noticed_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY events.watch_gap FORCE ROW LEVEL SECURITY;

ALTER TABLE events.watch_gap OWNER TO reactor_owner;

ALTER TABLE ONLY events.migration
    ADD CONSTRAINT "PK_migration" PRIMARY KEY ("MigrationId");

ALTER TABLE ONLY events.catch_up
    ADD CONSTRAINT catch_up_of_trigger PRIMARY KEY (org_id, trigger_id);

ALTER TABLE ONLY events.data_trigger
    ADD CONSTRAINT data_trigger_of_trigger PRIMARY KEY (org_id, trigger_id);

ALTER TABLE ONLY events.delivery
    ADD CONSTRAINT delivery_made_once PRIMARY KEY (org_id, event_id, trigger_id, replay);

ALTER TABLE ONLY events.event
    ADD CONSTRAINT event_taken_once PRIMARY KEY (org_id, id);

ALTER TABLE ONLY events.outbox
    ADD CONSTRAINT outbox_message PRIMARY KEY (org_id, id);

ALTER TABLE ONLY events.refusal
    ADD CONSTRAINT refusal_kept_once PRIMARY KEY (org_id, id, kind);

ALTER TABLE ONLY events.replay
    ADD CONSTRAINT replay_made_once PRIMARY KEY (org_id, event_id, id);

ALTER TABLE ONLY events.subscription
    ADD CONSTRAINT subscription_of_trigger PRIMARY KEY (org_id, trigger_id);

ALTER TABLE ONLY events.watch_gap
    ADD CONSTRAINT watch_gap_once PRIMARY KEY (org_id, name, noticed_at);

ALTER TABLE ONLY events.watch
    ADD CONSTRAINT watch_of_database PRIMARY KEY (org_id, name);

CREATE INDEX catch_up_open ON events.catch_up USING btree (org_id, trigger_id) WHERE (NOT done);

CREATE INDEX data_trigger_by_watch ON events.data_trigger USING btree (org_id, name);

CREATE INDEX event_by_emission ON events.event USING btree (org_id, topic, emitted_at, id);

CREATE INDEX event_by_topic ON events.event USING btree (org_id, topic, id);

CREATE INDEX event_unconsumed ON events.event USING btree (org_id, id) WHERE (deliveries = 0);

CREATE INDEX subscription_by_topic ON events.subscription USING btree (org_id, topic);

ALTER TABLE ONLY events.data_trigger
    ADD CONSTRAINT data_trigger_of_watch FOREIGN KEY (org_id, name) REFERENCES events.watch(org_id, name);

ALTER TABLE events.catch_up ENABLE ROW LEVEL SECURITY;

ALTER TABLE events.data_trigger ENABLE ROW LEVEL SECURITY;

ALTER TABLE events.delivery ENABLE ROW LEVEL SECURITY;

ALTER TABLE events.event ENABLE ROW LEVEL SECURITY;

CREATE POLICY named_orgs ON events.catch_up USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY named_orgs ON events.data_trigger USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY named_orgs ON events.delivery USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY named_orgs ON events.event USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY named_orgs ON events.outbox USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY named_orgs ON events.refusal USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY named_orgs ON events.replay USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY named_orgs ON events.subscription USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY named_orgs ON events.watch USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY named_orgs ON events.watch_gap USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

ALTER TABLE events.outbox ENABLE ROW LEVEL SECURITY;

ALTER TABLE events.refusal ENABLE ROW LEVEL SECURITY;

ALTER TABLE events.replay ENABLE ROW LEVEL SECURITY;

ALTER TABLE events.subscription ENABLE ROW LEVEL SECURITY;

CREATE POLICY sweep ON events.catch_up FOR SELECT TO reactor_events_sweep USING (true);

CREATE POLICY sweep ON events.data_trigger FOR SELECT TO reactor_events_sweep USING (true);

CREATE POLICY sweep ON events.delivery FOR SELECT TO reactor_events_sweep USING (true);

CREATE POLICY sweep ON events.event FOR SELECT TO reactor_events_sweep USING (true);

CREATE POLICY sweep ON events.outbox FOR SELECT TO reactor_events_sweep USING (true);

CREATE POLICY sweep ON events.refusal FOR SELECT TO reactor_events_sweep USING (true);

CREATE POLICY sweep ON events.replay FOR SELECT TO reactor_events_sweep USING (true);

CREATE POLICY sweep ON events.subscription FOR SELECT TO reactor_events_sweep USING (true);

CREATE POLICY sweep ON events.watch FOR SELECT TO reactor_events_sweep USING (true);

CREATE POLICY sweep ON events.watch_gap FOR SELECT TO reactor_events_sweep USING (true);

ALTER TABLE events.watch ENABLE ROW LEVEL SECURITY;

ALTER TABLE events.watch_gap ENABLE ROW LEVEL SECURITY;

GRANT USAGE ON SCHEMA events TO reactor_events;
GRANT USAGE ON SCHEMA events TO reactor_events_sweep;
GRANT USAGE ON SCHEMA events TO reactor_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE events.event TO reactor_events;
GRANT SELECT ON TABLE events.event TO reactor_events_sweep;

GRANT SELECT(org_id) ON TABLE events.event TO reactor_reader;

GRANT SELECT(id) ON TABLE events.event TO reactor_reader;

GRANT SELECT(topic) ON TABLE events.event TO reactor_reader;

GRANT SELECT(payload) ON TABLE events.event TO reactor_reader;

GRANT SELECT(source_run) ON TABLE events.event TO reactor_reader;

GRANT SELECT(emitted_at) ON TABLE events.event TO reactor_reader;

GRANT SELECT(deliveries) ON TABLE events.event TO reactor_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE events.refusal TO reactor_events;
GRANT SELECT ON TABLE events.refusal TO reactor_events_sweep;

GRANT SELECT(org_id) ON TABLE events.refusal TO reactor_reader;

GRANT SELECT(id) ON TABLE events.refusal TO reactor_reader;

GRANT SELECT(kind) ON TABLE events.refusal TO reactor_reader;

GRANT SELECT(name) ON TABLE events.refusal TO reactor_reader;

GRANT SELECT(payload) ON TABLE events.refusal TO reactor_reader;

GRANT SELECT(trigger_kind) ON TABLE events.refusal TO reactor_reader;

GRANT SELECT(code) ON TABLE events.refusal TO reactor_reader;

GRANT SELECT(reason) ON TABLE events.refusal TO reactor_reader;

GRANT SELECT(requested_at) ON TABLE events.refusal TO reactor_reader;

GRANT SELECT(refused_at) ON TABLE events.refusal TO reactor_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE events.catch_up TO reactor_events;
GRANT SELECT ON TABLE events.catch_up TO reactor_events_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE events.data_trigger TO reactor_events;
GRANT SELECT ON TABLE events.data_trigger TO reactor_events_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE events.delivery TO reactor_events;
GRANT SELECT ON TABLE events.delivery TO reactor_events_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE events.migration TO reactor_events;
GRANT SELECT ON TABLE events.migration TO reactor_events_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE events.outbox TO reactor_events;
GRANT SELECT ON TABLE events.outbox TO reactor_events_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE events.replay TO reactor_events;
GRANT SELECT ON TABLE events.replay TO reactor_events_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE events.subscription TO reactor_events;
GRANT SELECT ON TABLE events.subscription TO reactor_events_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE events.watch TO reactor_events;
GRANT SELECT ON TABLE events.watch TO reactor_events_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE events.watch_gap TO reactor_events;
GRANT SELECT ON TABLE events.watch_gap TO reactor_events_sweep;

ALTER DEFAULT PRIVILEGES FOR ROLE reactor_owner IN SCHEMA events GRANT USAGE ON SEQUENCES  TO reactor_events;

ALTER DEFAULT PRIVILEGES FOR ROLE reactor_owner IN SCHEMA events GRANT SELECT,INSERT,DELETE,UPDATE ON TABLES  TO reactor_events;
ALTER DEFAULT PRIVILEGES FOR ROLE reactor_owner IN SCHEMA events GRANT SELECT ON TABLES  TO reactor_events_sweep;
