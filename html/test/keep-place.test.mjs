// Where one reads, while what one reads in changes its height.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { createRenderer } from 'vue';
import './page.mjs';
import { useKeptPlace } from '../src/lib/keep-place.js';

let resized;
globalThis.ResizeObserver = class {
  constructor(listener) { resized = listener; }
  observe() {}
  disconnect() {}
};

/* A list that draws nothing. */
const nothing = () => ({});
const { createApp } = createRenderer({ createComment: nothing, insert: nothing, remove: nothing });

let kept;
let scroller;
beforeEach(() => {
  const list = createApp({
    setup() {
      kept = useKeptPlace(() => [], () => true);
      return () => null;
    },
  });
  scroller = {
    scrollTop: 400,
    scrollHeight: 1000,
    clientHeight: 600,
    scrollTo({ top }) { this.scrollTop = Math.min(top, this.scrollHeight - this.clientHeight); },
  };
  list.mount({});
  kept.scroller.value = scroller;
  resized();
});

test('who is at the bottom is there still when an earlier step is told of after the composer has grown', () => {
  scroller.clientHeight = 450;
  kept.measure();
  assert.equal(kept.stuck.value, true);
  resized();
  assert.equal(scroller.scrollTop, 550);
});

test('... but not who has moved up meanwhile', () => {
  scroller.clientHeight = 450;
  scroller.scrollTop = 300;
  kept.measure();
  assert.equal(kept.stuck.value, false);
  resized();
  assert.equal(scroller.scrollTop, 300);
});
