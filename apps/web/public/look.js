// Puts theme and density in place before the first paint; nothing may flash. A file of its own, because the page's policy
// allows no script in the page. src/preferences.ts writes what is read here.
try {
  const { theme, density } = JSON.parse(localStorage.getItem('refold.preferences') ?? '{}');
  const { dataset } = document.documentElement;
  if (theme === 'light' || theme === 'dark' || theme === 'contrast') dataset.theme = theme;
  if (density === 'compact' || density === 'roomy') dataset.density = density;
} catch {
  // Unreadable preferences are no preferences.
}
