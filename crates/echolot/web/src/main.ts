// The beginning of the page.
import { mount } from 'svelte';
import './app.css';
import App from './App.svelte';
import { server } from './state/server.svelte';

// What is served is known before the first question, so that none is asked twice.
await server.look();
const target = document.getElementById('app');
if (target) mount(App, { target });
