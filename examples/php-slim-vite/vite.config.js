import { defineConfig } from 'vite'

export default defineConfig({
  publicDir: false,
  build: {
    outDir: 'public/build',
    manifest: 'manifest.json',
    rollupOptions: { input: 'assets/orders.js' },
  },
})
