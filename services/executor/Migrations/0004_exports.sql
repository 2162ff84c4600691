-- What a version's entry exports, and the triggers that its code declares. Versions from before were not looked at.
alter table function_version add column exports text, add column triggers text;
