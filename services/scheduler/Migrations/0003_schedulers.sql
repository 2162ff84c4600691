-- Which schedulers there are, so that they can share the shards of timers and the places on executors; platform rows, of no org.
create table scheduler (
  name text primary key,
  until timestamptz not null
);
