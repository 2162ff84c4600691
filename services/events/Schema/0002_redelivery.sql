-- Deliveries beyond the first: events from before a subscription, and events that somebody replays.
alter table delivery add column replay uuid not null default '00000000-0000-0000-0000-000000000000';
alter table delivery drop constraint delivery_made_once;
alter table delivery add constraint delivery_made_once primary key (org_id, event_id, trigger_id, replay);

-- The order in which earlier events are handed to a subscription that asks for them.
create index event_by_emission on event (org_id, topic, emitted_at, id);

-- How far a subscription has got that began with earlier events. It stays when it is done: it is not to begin again.
create table catch_up (
  org_id       text        not null,
  trigger_id   text        not null,
  after_at     timestamptz not null,
  after_id     uuid        not null,
  until_at     timestamptz not null,
  until_id     uuid        not null,
  last_message uuid,
  done         boolean     not null,
  created_at   timestamptz not null,
  constraint catch_up_of_trigger primary key (org_id, trigger_id)
);
create index catch_up_open on catch_up (org_id, trigger_id) where not done;

-- "triggers" is whom it was for; null is everybody who had subscribed.
create table replay (
  org_id     text        not null,
  event_id   uuid        not null,
  id         uuid        not null,
  triggers   text[],
  created_at timestamptz not null,
  constraint replay_made_once primary key (org_id, event_id, id)
);

alter table catch_up enable row level security;
alter table catch_up force row level security;
create policy named_orgs on catch_up using (org_id = any((nullif((select current_setting('app.orgs', true)), ''))::text[]));
create policy sweep on catch_up for select to reactor_events_sweep using (true);

alter table replay enable row level security;
alter table replay force row level security;
create policy named_orgs on replay using (org_id = any((nullif((select current_setting('app.orgs', true)), ''))::text[]));
create policy sweep on replay for select to reactor_events_sweep using (true);
