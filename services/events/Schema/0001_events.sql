-- Every event of the last 30 days. "deliveries" is how many runs it started; 0 makes it an unconsumed one.
create table event (
  org_id     text        not null,
  id         uuid        not null,
  topic      text        not null constraint event_topic_has_1_to_256_characters check (char_length(topic) between 1 and 256),
  payload    text        not null,
  source_run uuid,
  emitted_at timestamptz not null,
  stored_at  timestamptz not null,
  deliveries integer     not null constraint event_deliveries_are_counted check (deliveries >= 0),
  constraint event_taken_once primary key (org_id, id)
);
create index event_by_topic on event (org_id, topic, id);
create index event_unconsumed on event (org_id, id) where deliveries = 0;

-- Which trigger starts which job on which topic; written by the scheduler, which owns the triggers.
create table subscription (
  org_id     text        not null,
  trigger_id text        not null,
  topic      text        not null,
  job        text        not null,
  created_at timestamptz not null,
  constraint subscription_of_trigger primary key (org_id, trigger_id)
);
create index subscription_by_topic on subscription (org_id, topic);

create table delivery (
  org_id     text        not null,
  event_id   uuid        not null,
  trigger_id text        not null,
  run_id     uuid        not null,
  job        text        not null,
  created_at timestamptz not null,
  constraint delivery_made_once primary key (org_id, event_id, trigger_id)
);

-- Messages that are committed and not yet confirmed by the broker.
create table outbox (
  org_id     text        not null,
  id         uuid        not null,
  queue      text        not null,
  body       bytea       not null,
  expires_at timestamptz,
  created_at timestamptz not null,
  constraint outbox_message primary key (org_id, id)
);

-- A transaction sees the orgs that it names, whatever a statement asks for; the sweeper sees all of them and may change none.
alter table event enable row level security;
alter table event force row level security;
create policy named_orgs on event using (org_id = any((nullif((select current_setting('app.orgs', true)), ''))::text[]));
create policy sweep on event for select to reactor_events_sweep using (true);

alter table subscription enable row level security;
alter table subscription force row level security;
create policy named_orgs on subscription using (org_id = any((nullif((select current_setting('app.orgs', true)), ''))::text[]));
create policy sweep on subscription for select to reactor_events_sweep using (true);

alter table delivery enable row level security;
alter table delivery force row level security;
create policy named_orgs on delivery using (org_id = any((nullif((select current_setting('app.orgs', true)), ''))::text[]));
create policy sweep on delivery for select to reactor_events_sweep using (true);

alter table outbox enable row level security;
alter table outbox force row level security;
create policy named_orgs on outbox using (org_id = any((nullif((select current_setting('app.orgs', true)), ''))::text[]));
create policy sweep on outbox for select to reactor_events_sweep using (true);
