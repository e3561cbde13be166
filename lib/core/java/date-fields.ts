import { civilDate, DAY_MS, firstOfMonth, firstWeekOf, onOrBefore } from './calendar.ts';

/** Fields as a parsed text sets them. Values are Calendar's: month from 0, day of the week from 1 = Sunday, half 0 = AM, zone offset in ms. */
export type DateField =
  | 'era'
  | 'year'
  | 'month'
  | 'weekOfYear'
  | 'weekOfMonth'
  | 'day'
  | 'dayOfYear'
  | 'dayOfWeek'
  | 'dayOfWeekInMonth'
  | 'half'
  | 'hour'
  | 'hourOfDay'
  | 'minute'
  | 'second'
  | 'millisecond'
  | 'zoneOffset'
  | 'weekYear';

const BC = 0;

/** What was set, and in which order: of contradicting fields the one set last counts, as in java.util.Calendar. */
export class DateFields {
  readonly #values = new Map<DateField, { readonly value: number; readonly stamp: number }>();
  #stamps = 0;

  set(field: DateField, value: number): void {
    this.#values.set(field, { value, stamp: ++this.#stamps });
  }

  addYears(years: number): void {
    for (const field of ['year', 'weekYear'] as const) {
      const set = this.#values.get(field);
      if (set !== undefined) this.#values.set(field, { value: set.value + years, stamp: set.stamp });
    }
  }

  #stamp(field: DateField): number {
    return this.#values.get(field)?.stamp ?? 0;
  }

  #get(field: DateField, unset = 0): number {
    return this.#values.get(field)?.value ?? unset;
  }

  /** Milliseconds since the epoch; values out of range roll over into the next larger field (lenient). */
  toMillis(): number {
    const weekDate = this.#stamp('weekYear') > this.#stamp('year');
    const day = weekDate ? this.#dayOfWeekDate() : this.#day();
    return day * DAY_MS + this.#timeOfDay() - this.#get('zoneOffset');
  }

  #dayOfWeekDate(): number {
    let week = this.#get('weekOfYear', 1);
    let weekday = this.#get('dayOfWeek', 1);
    if (weekday < 1 || weekday > 7) {
      // An ISO day out of range stays as it was given: 8 is the Monday of the next week, 0 the Sunday of the one before.
      let iso = weekday;
      if (iso >= 8) {
        week += Math.floor((iso - 1) / 7);
        iso = ((iso - 1) % 7) + 1;
      } else {
        const weeks = Math.floor((7 - iso) / 7);
        week -= weeks;
        iso += 7 * weeks;
      }
      weekday = iso === 7 ? 1 : iso + 1;
    }
    return firstWeekOf(this.#get('weekYear')) + (weekday - 1) + 7 * (week - 1);
  }

  #day(): number {
    let year = this.#get('year', 1970);
    if (this.#values.has('era') && this.#get('era') === BC) year = 1 - year;
    const basis = this.#dayBasis();
    let month = 0;
    if (basis === 'day' || basis === 'weekOfMonth' || basis === 'dayOfWeekInMonth') {
      month = this.#get('month');
      year += Math.floor(month / 12);
      month -= Math.floor(month / 12) * 12;
    }
    const first = firstOfMonth(year, month);
    switch (basis) {
      case 'day':
        return first + this.#get('day', 1) - 1;
      case 'dayOfYear':
        return first + this.#get('dayOfYear') - 1;
      case 'weekOfMonth':
      case 'weekOfYear':
        return onOrBefore(onOrBefore(first, 1) + 6, this.#get('dayOfWeek', 1)) + 7 * (this.#get(basis) - 1);
      case 'dayOfWeekInMonth': {
        const weekday = this.#get('dayOfWeek', 1);
        const nth = this.#get('dayOfWeekInMonth', 1);
        if (nth >= 0) return onOrBefore(first + 7 * nth - 1, weekday);
        const length = firstOfMonth(month === 11 ? year + 1 : year, (month + 1) % 12) - first;
        return onOrBefore(first + length + 7 * (nth + 1) - 1, weekday);
      }
    }
  }

  /** Which fields say the day: the combination whose last member was set last (Calendar.selectFields). */
  #dayBasis(): 'day' | 'weekOfMonth' | 'dayOfWeekInMonth' | 'dayOfYear' | 'weekOfYear' {
    const weekday = this.#stamp('dayOfWeek');
    const withWeekday = (field: DateField): number =>
      this.#stamp(field) === 0 || weekday === 0 ? 0 : Math.max(this.#stamp(field), weekday);
    const day = this.#stamp('day');
    let weekOfMonth = withWeekday('weekOfMonth');
    let nth = withWeekday('dayOfWeekInMonth');
    const dayOfYear = this.#stamp('dayOfYear');
    let weekOfYear = withWeekday('weekOfYear');
    let best = Math.max(day, weekOfMonth, nth, dayOfYear, weekOfYear);
    if (best === 0) {
      weekOfMonth = this.#stamp('weekOfMonth');
      nth = Math.max(this.#stamp('dayOfWeekInMonth'), weekday);
      weekOfYear = this.#stamp('weekOfYear');
      best = Math.max(weekOfMonth, nth, weekOfYear);
      if (best === 0) return 'day';
    }
    if (best === day) return 'day';
    const inYear = this.#stamp('weekOfYear');
    if (best === weekOfMonth && this.#stamp('weekOfMonth') >= inYear) {
      return weekOfMonth === nth && this.#stamp('weekOfMonth') < this.#stamp('dayOfWeekInMonth') ? 'dayOfWeekInMonth' : 'weekOfMonth';
    }
    if (best === nth && this.#stamp('dayOfWeekInMonth') >= inYear) return 'dayOfWeekInMonth';
    return best === dayOfYear ? 'dayOfYear' : 'weekOfYear';
  }

  #timeOfDay(): number {
    const half = this.#stamp('half');
    const hour = this.#stamp('hour');
    const ofHalf = half === 0 || hour === 0 ? 0 : Math.max(half, hour);
    const ofDay = this.#stamp('hourOfDay');
    let hours = 0;
    if (ofDay !== 0 && ofDay >= ofHalf) hours = this.#get('hourOfDay');
    else hours = this.#get('hour') + 12 * this.#get('half');
    return ((hours * 60 + this.#get('minute')) * 60 + this.#get('second')) * 1000 + this.#get('millisecond');
  }
}

/** Fields of a moment for printing. */
export function fieldsOf(ms: number): ReadonlyMap<DateField, number> {
  const day = Math.floor(ms / DAY_MS);
  const inDay = ms - day * DAY_MS;
  const { year, month, day: ofMonth } = civilDate(day);
  const newYear = firstOfMonth(year, 0);
  const dayOfYear = day - newYear + 1;
  const nextWeekOne = firstWeekOf(year + 1);
  const weekYear = day >= nextWeekOne ? year + 1 : year;
  const sunday = onOrBefore(day, 1);
  const hourOfDay = Math.floor(inDay / 3_600_000);
  return new Map<DateField, number>([
    ['era', year > 0 ? 1 : 0],
    ['year', year > 0 ? year : 1 - year],
    ['month', month],
    ['day', ofMonth],
    ['dayOfYear', dayOfYear],
    ['dayOfWeek', day - sunday + 1],
    ['dayOfWeekInMonth', Math.floor((ofMonth - 1) / 7) + 1],
    ['weekYear', weekYear],
    ['weekOfYear', (sunday - firstWeekOf(weekYear)) / 7 + 1],
    ['weekOfMonth', (sunday - onOrBefore(day - ofMonth + 1, 1)) / 7 + 1],
    ['half', hourOfDay < 12 ? 0 : 1],
    ['hour', hourOfDay % 12],
    ['hourOfDay', hourOfDay],
    ['minute', Math.floor(inDay / 60_000) % 60],
    ['second', Math.floor(inDay / 1000) % 60],
    ['millisecond', inDay % 1000],
  ]);
}
