-- Two that are made at the same moment would start two runs for one change.
create unique index trigger_data_of_job on trigger (org_id, job, md5(settings)) where kind = 'data';
