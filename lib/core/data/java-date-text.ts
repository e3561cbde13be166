import { civilDate, DAY_MS, dayOfWeek } from '../java/calendar.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `java.util.Date.toString()` of a worker in UTC: `Thu Jan 01 00:00:00 UTC 1970`. */
export function formatDateText(date: Date): string {
  const ms = date.getTime();
  const epochDay = Math.floor(ms / DAY_MS);
  const { year, month, day } = civilDate(epochDay);
  const seconds = Math.floor((ms - epochDay * DAY_MS) / 1000);
  const time = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(twoDigits).join(':');
  return `${DAYS[dayOfWeek(epochDay) - 1]} ${MONTHS[month]} ${twoDigits(day)} ${time} UTC ${year > 0 ? year : 1 - year}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
