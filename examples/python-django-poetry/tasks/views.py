from django.shortcuts import redirect, render

from .models import Task


def index(request):
    if request.method == "POST":
        Task.objects.create(title=request.POST["title"])
        return redirect("index")
    return render(request, "tasks/index.html", {"tasks": Task.objects.order_by("done", "title")})


def about(request):
    return render(request, "tasks/about.html")
