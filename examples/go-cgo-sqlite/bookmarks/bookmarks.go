// Package bookmarks serves bookmarks and their tags.
package bookmarks

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"
)

// Bookmark is an address that somebody wants to find again.
type Bookmark struct {
	ID      uint      `json:"id" gorm:"primaryKey"`
	URL     string    `json:"url" gorm:"uniqueIndex;not null"`
	Title   string    `json:"title"`
	Tags    []Tag     `json:"tags" gorm:"many2many:bookmark_tags"`
	Created time.Time `json:"created" gorm:"autoCreateTime"`
}

// Tag groups bookmarks.
type Tag struct {
	ID   uint   `json:"-" gorm:"primaryKey"`
	Name string `json:"name" gorm:"uniqueIndex;not null"`
}

type addition struct {
	URL   string   `json:"url" binding:"required,url"`
	Title string   `json:"title"`
	Tags  []string `json:"tags" binding:"max=20"`
}

// Register adds the routes to a router.
func Register(router gin.IRouter, database *gorm.DB) {
	api := handlers{database}
	router.GET("/healthz", api.health)
	router.GET("/bookmarks", api.list)
	router.POST("/bookmarks", api.add)
	router.DELETE("/bookmarks/:id", api.remove)
}

type handlers struct{ database *gorm.DB }

func (h handlers) health(c *gin.Context) {
	var version string
	if err := h.database.WithContext(c).Raw("SELECT sqlite_version()").Scan(&version).Error; err != nil {
		c.JSON(http.StatusServiceUnavailable, gin.H{"status": "no database"})
		return
	}
	c.JSON(http.StatusOK, gin.H{"status": "ok", "sqlite": version})
}

func (h handlers) list(c *gin.Context) {
	found := []Bookmark{}
	query := h.database.WithContext(c).Preload("Tags").Order("created DESC").Limit(100)
	if tag := c.Query("tag"); tag != "" {
		query = query.Joins("JOIN bookmark_tags bt ON bt.bookmark_id = bookmarks.id").
			Joins("JOIN tags t ON t.id = bt.tag_id AND t.name = ?", strings.ToLower(tag))
	}
	if err := query.Find(&found).Error; err != nil {
		c.AbortWithStatus(http.StatusInternalServerError)
		return
	}
	c.JSON(http.StatusOK, found)
}

func (h handlers) add(c *gin.Context) {
	var asked addition
	if err := c.ShouldBindJSON(&asked); err != nil {
		c.JSON(http.StatusUnprocessableEntity, gin.H{"error": err.Error()})
		return
	}
	bookmark := Bookmark{URL: asked.URL, Title: asked.Title}
	err := h.database.WithContext(c).Transaction(func(tx *gorm.DB) error {
		for _, name := range asked.Tags {
			tag := Tag{Name: strings.ToLower(strings.TrimSpace(name))}
			if err := tx.Where(&tag).FirstOrCreate(&tag).Error; err != nil {
				return err
			}
			bookmark.Tags = append(bookmark.Tags, tag)
		}
		var same int64
		if err := tx.Model(&Bookmark{}).Where("url = ?", asked.URL).Count(&same).Error; err != nil {
			return err
		}
		if same > 0 {
			return gorm.ErrDuplicatedKey
		}
		return tx.Create(&bookmark).Error
	})
	switch {
	case errors.Is(err, gorm.ErrDuplicatedKey):
		c.JSON(http.StatusConflict, gin.H{"error": "this address is there already"})
	case err != nil:
		c.AbortWithStatus(http.StatusInternalServerError)
	default:
		c.JSON(http.StatusCreated, bookmark)
	}
}

func (h handlers) remove(c *gin.Context) {
	done := h.database.WithContext(c).Select("Tags").Where("id = ?", c.Param("id")).Delete(&Bookmark{})
	switch {
	case done.Error != nil:
		c.AbortWithStatus(http.StatusInternalServerError)
	case done.RowsAffected == 0:
		c.AbortWithStatus(http.StatusNotFound)
	default:
		c.Status(http.StatusNoContent)
	}
}
