-- What a trigger of another kind than event is told, and whether it rests.
alter table trigger add column settings text not null default '{}', add column paused boolean not null default false;
