export { createCronTrigger, type CronTrigger, type CronTriggerOptions } from './cron-trigger.js';
