// What ESLint looks for in the page, the tests and the tools: faults, not
// matters of taste.
import js from '@eslint/js';
import vue from 'eslint-plugin-vue';
import globals from 'globals';

export default [
  { ignores: ['**/node_modules/', '**/dist/', 'build*/', 'var/'] },
  js.configs.recommended,
  ...vue.configs['flat/essential'],
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-unused-vars': ['error', { args: 'after-used', ignoreRestSiblings: true }],
      'no-constant-condition': ['error', { checkLoops: false }],
      'no-self-compare': 'error',
      'no-shadow': ['error', { allow: ['after', 'before'] }], // also hooks of node:test
      'no-template-curly-in-string': 'error',
      'no-unreachable-loop': 'error',
      'no-use-before-define': ['error', { functions: false, variables: false }],
      'no-var': 'error',
      'prefer-const': ['error', { destructuring: 'all' }],
      'array-callback-return': 'error',
      'no-unused-expressions': 'error',
      'no-throw-literal': 'error',
      'vue/no-v-html': 'error',
      'vue/no-unused-properties': 'error',
      'vue/no-unused-emit-declarations': 'error',
      'vue/no-template-target-blank': 'error',
      'no-control-regex': 'off',
      'vue/multi-word-component-names': 'off',
    },
  },
  { files: ['html/**'], languageOptions: { globals: globals.browser } },
  {
    files: ['html/test/**', 'html/*.{js,mjs}', 'tests/**', 'bench/**', 'tools/**'],
    languageOptions: { globals: globals.node },
  },
  {
    // What they hand to the page runs there.
    files: ['tests/browser/**', 'tests/support/**'],
    languageOptions: { globals: globals.browser },
  },
];
