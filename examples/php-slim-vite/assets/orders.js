import './orders.css'

const form = document.querySelector('form')

form?.addEventListener('submit', async (event) => {
  event.preventDefault()
  await fetch('/orders', { method: 'POST', body: new FormData(form) })
  location.reload()
})
